import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { ClameurError } from '../../config/index.js';
import { ROLES, type Principal } from './roles.js';

/** How often the file may be looked at for a change, so that a token taken out is of no use soon, without a restart. */
const LOOK_AGAIN_MILLIS = 2_000;

const entry = z.strictObject({
  name: z.string().regex(/^[\w.@-]{1,64}$/),
  role: z.enum(ROLES),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'is not 64 lower-case hex digits'),
  expires: z.iso.datetime({ offset: true }).optional(),
});
export type TokenEntry = z.output<typeof entry>;

export function tokenDigest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** Reads the list of tokens: never the tokens themselves, only their SHA-256. Throws ACCESS_INVALID. */
export function parseTokens(text: string, file: string): TokenEntry[] {
  const document = parseDocument(text, { prettyErrors: false, logLevel: 'error' });
  // The parser's message would quote the file.
  const notYaml = () => new ClameurError('ACCESS_INVALID', { file, problem: 'is not YAML' });
  if (document.errors.length > 0) throw notYaml();
  let list: unknown;
  try {
    list = document.toJS() ?? [];
  } catch {
    throw notYaml();
  }
  const read = z.array(entry).safeParse(list);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const problem = `entry ${issue.path.join('.')}: ${issue.message}`;
  throw new ClameurError('ACCESS_INVALID', { file, problem });
}

/** The bearer tokens of a file that may change while the service runs. */
export class TokenFile {
  readonly #file: string;
  readonly #onProblem: (error: unknown) => void;
  #entries: readonly TokenEntry[] = [];
  #changedAt = NaN;
  #lookedAt = -Infinity;

  private constructor(file: string, onProblem: (error: unknown) => void) {
    this.#file = file;
    this.#onProblem = onProblem;
  }

  /** Throws ACCESS_INVALID where the file is missing or wrong; one that goes bad later lets nobody in. */
  static async open(file: string, onProblem: (error: unknown) => void): Promise<TokenFile> {
    const tokens = new TokenFile(file, onProblem);
    await tokens.#read();
    return tokens;
  }

  async principal(digest: Buffer): Promise<Principal | undefined> {
    await this.#lookAgain();
    let found: TokenEntry | undefined;
    // Every entry is compared, and each in the same time, so that an answer's delay tells nothing.
    for (const one of this.#entries) {
      if (timingSafeEqual(digest, Buffer.from(one.sha256, 'hex'))) found = one;
    }
    if (!found) return undefined;
    const expiresAtMillis = found.expires === undefined ? undefined : Date.parse(found.expires);
    if (expiresAtMillis !== undefined && expiresAtMillis <= Date.now()) return undefined;
    return {
      name: found.name,
      role: found.role,
      kind: 'token',
      ...(expiresAtMillis !== undefined && { expiresAtMillis }),
    };
  }

  async #lookAgain(): Promise<void> {
    if (performance.now() - this.#lookedAt < LOOK_AGAIN_MILLIS) return;
    try {
      this.#lookedAt = performance.now();
      if ((await stat(this.#file)).mtimeMs !== this.#changedAt) await this.#read();
    } catch (error) {
      this.#entries = [];
      this.#changedAt = NaN;
      this.#onProblem(error);
    }
  }

  async #read(): Promise<void> {
    const file = this.#file;
    this.#lookedAt = performance.now();
    try {
      const { mtimeMs } = await stat(file);
      this.#entries = parseTokens(await readFile(file, 'utf8'), file);
      this.#changedAt = mtimeMs;
    } catch (cause) {
      if (cause instanceof ClameurError) throw cause;
      throw new ClameurError('ACCESS_INVALID', { file, problem: (cause as Error).message }, { cause });
    }
  }
}
