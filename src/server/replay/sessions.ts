import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { ClameurError } from '../../config/index.js';
import { UPLOAD_LIMITS } from './limits.js';
import type { ReplayReport } from './report-data.js';
import { unpack } from './unpack.js';

export const KEPT_MINUTES = 30;
const KEPT_MILLIS = KEPT_MINUTES * 60_000;
const MOST_KEPT = 8;

export interface ReplayProgress {
  doneSeconds: number;
  totalSeconds: number;
}

/** Replays files that lie in memory, somewhere that cannot hurt the service. Rejects with a ClameurError. */
export type RunReplay = (
  files: Map<string, Uint8Array>,
  onProgress: (progress: ReplayProgress) => void,
) => Promise<ReplayReport>;

export type ReplaySession = { id: string; name: string } & (
  | { state: 'running'; progress: ReplayProgress }
  | { state: 'done'; report: ReplayReport }
  | { state: 'failed'; error: { code: string; message: string } }
);

/**
 * The recordings that technicians bring: one at a time, in memory, their sound zeroed as soon as it is handed on.
 * Only the report stays, for half an hour.
 */
export class ReplaySessions {
  readonly #run: RunReplay;
  readonly #sessions = new Map<string, ReplaySession>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  #busy = false;

  constructor(run: RunReplay) {
    this.#run = run;
  }

  /** Takes a request's body; resolves when the replay has begun. Throws REPLAY_BUSY or an UPLOAD_… error. */
  async accept(request: IncomingMessage, name: string): Promise<ReplaySession> {
    if (this.#busy) throw new ClameurError('REPLAY_BUSY');
    this.#busy = true;
    let upload: Buffer | undefined;
    try {
      upload = await readBody(request);
      const files = await unpack(name, upload);
      return this.#begin(name, files, upload);
    } catch (error) {
      upload?.fill(0);
      this.#busy = false;
      throw error;
    }
  }

  /** Throws REPLAY_UNKNOWN. */
  get(id: string): ReplaySession {
    const session = this.#sessions.get(id);
    if (!session) throw new ClameurError('REPLAY_UNKNOWN', { id });
    return session;
  }

  forget(id: string): void {
    this.get(id);
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.#sessions.delete(id);
  }

  close(): void {
    for (const id of [...this.#sessions.keys()]) this.forget(id);
  }

  #begin(name: string, files: Map<string, Uint8Array>, upload: Buffer): ReplaySession {
    const id = randomBytes(16).toString('hex');
    const started: ReplaySession = {
      id,
      name,
      state: 'running',
      progress: { doneSeconds: 0, totalSeconds: 0 },
    };
    this.#put(started);
    this.#run(files, (progress) => this.#change({ id, name, state: 'running', progress }))
      .then((report) => this.#change({ id, name, state: 'done', report }))
      .catch((error: unknown) => {
        const known =
          error instanceof ClameurError
            ? error
            : new ClameurError('REPLAY_FAILED', { problem: (error as Error).message }, { cause: error });
        this.#change({ id, name, state: 'failed', error: { code: known.code, message: known.message } });
      })
      .finally(() => {
        upload.fill(0);
        for (const bytes of files.values()) bytes.fill(0);
        this.#busy = false;
      });
    return started;
  }

  #put(session: ReplaySession): void {
    this.#sessions.set(session.id, session);
    this.#timers.set(session.id, setTimeout(() => this.forget(session.id), KEPT_MILLIS).unref());
    if (this.#sessions.size > MOST_KEPT) this.forget(this.#sessions.keys().next().value!);
  }

  /** One that was let go meanwhile stays gone. */
  #change(session: ReplaySession): void {
    if (this.#sessions.has(session.id)) this.#sessions.set(session.id, session);
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const tooLarge = () =>
    new ClameurError('UPLOAD_TOO_LARGE', { limit: `${UPLOAD_LIMITS.bytes / 1024 / 1024} MB` });
  if (Number(request.headers['content-length'] ?? 0) > UPLOAD_LIMITS.bytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let length = 0;
  // Not destroyed where it is too large: the answer still has to go out.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > UPLOAD_LIMITS.bytes) throw tooLarge();
    chunks.push(chunk);
  }
  const whole = Buffer.concat(chunks);
  for (const chunk of chunks) chunk.fill(0);
  return whole;
}
