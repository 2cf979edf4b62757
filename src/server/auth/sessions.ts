import { createHash, randomBytes } from 'node:crypto';
import type { Principal } from './roles.js';

const LIFE_MILLIS = 8 * 3600 * 1000;
/** The oldest gives way: a client that opens sessions without end must not fill the memory. */
const MAX_SESSIONS = 1_000;
const COOKIE = 'clameur_session';

/** Asked at each use, so that taking a token away ends its sessions. */
export type Recheck = () => Promise<Principal | undefined>;

/**
 * Sessions for browsers, which cannot put a header on a page's own requests for pictures and event streams. In memory
 * only; the cookie is a random number, kept as its hash, and no script can read it.
 */
export class Sessions {
  readonly #sessions = new Map<string, { recheck: Recheck; endsAtMillis: number }>();

  /** `cookie` is the value of Set-Cookie; without `secure` the browser sends it over plain HTTP too. */
  open(
    recheck: Recheck,
    secure: boolean,
    latestEndMillis = Infinity,
  ): { cookie: string; endsAtMillis: number } {
    const id = randomBytes(32).toString('base64url');
    const endsAtMillis = Math.min(Date.now() + LIFE_MILLIS, latestEndMillis);
    for (const [key, { endsAtMillis: end }] of this.#sessions) {
      if (end <= Date.now() || this.#sessions.size >= MAX_SESSIONS) this.#sessions.delete(key);
    }
    this.#sessions.set(hash(id), { recheck, endsAtMillis });
    const seconds = Math.max(0, Math.floor((endsAtMillis - Date.now()) / 1000));
    return { cookie: setCookie(id, seconds, secure), endsAtMillis };
  }

  async principal(cookies: string | undefined): Promise<Principal | undefined> {
    const id = readCookie(cookies);
    const session = id === undefined ? undefined : this.#sessions.get(hash(id));
    return session && session.endsAtMillis > Date.now() ? session.recheck() : undefined;
  }

  /** Gives the Set-Cookie that makes the browser forget. */
  close(cookies: string | undefined, secure: boolean): string {
    const id = readCookie(cookies);
    if (id !== undefined) this.#sessions.delete(hash(id));
    return setCookie('', 0, secure);
  }
}

function hash(id: string): string {
  return createHash('sha256').update(id).digest('hex');
}

function setCookie(id: string, seconds: number, secure: boolean): string {
  return `${COOKIE}=${id}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
}

function readCookie(header: string | undefined): string | undefined {
  return new RegExp(`(?:^|;\\s*)${COOKIE}=([\\w-]{43})(?:;|$)`).exec(header ?? '')?.[1];
}
