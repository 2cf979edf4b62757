import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import type { ServiceConfig } from '../../config/index.js';
import { jwtCheck, type JwtCheck } from './jwt.js';
import type { Principal } from './roles.js';
import { Sessions, type Recheck } from './sessions.js';
import { TokenFile, tokenDigest } from './token-file.js';

/** Longer ones are no tokens: hashing what anybody sends must stay cheap. */
const MAX_TOKEN_LENGTH = 8_192;
const JWT_FORM = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** Who a request is of, and whether it showed something that is not valid (any more). */
export interface Identity {
  principal?: Principal;
  /** It came with a cookie, which a browser sends by itself whoever made the page. */
  byCookie: boolean;
  /** It showed a token or a session, and that was not valid. */
  refused: boolean;
  recheck?: Recheck;
}

type AccessConfig = Pick<ServiceConfig['http'], 'host' | 'tokens' | 'jwt' | 'anonymous'>;

/** Tells who asks: a bearer token of the file, a JWT, a session of either, or the anonymous viewer where there is one. */
export class Authenticator {
  readonly sessions = new Sessions();
  readonly #anonymous: 'no' | 'viewer' | 'local viewer';
  readonly #tokens: TokenFile | undefined;
  readonly #jwt: JwtCheck | undefined;

  private constructor(config: AccessConfig, tokens: TokenFile | undefined, jwt: JwtCheck | undefined) {
    this.#tokens = tokens;
    this.#jwt = jwt;
    if (config.anonymous !== undefined) this.#anonymous = config.anonymous === 'viewer' ? 'viewer' : 'no';
    else this.#anonymous = !tokens && !jwt && isLoopback(config.host) ? 'local viewer' : 'no';
  }

  /** Throws ACCESS_INVALID where a file is missing or wrong; `onProblem` hears of one that goes bad later. */
  static async open(config: AccessConfig, onProblem: (error: unknown) => void): Promise<Authenticator> {
    const tokens = config.tokens === undefined ? undefined : await TokenFile.open(config.tokens, onProblem);
    return new Authenticator(config, tokens, config.jwt && (await jwtCheck(config.jwt, onProblem)));
  }

  async identify(headers: IncomingHttpHeaders): Promise<Identity> {
    const { authorization, cookie, host } = headers;
    if (authorization !== undefined) {
      const token = /^Bearer +([\x21-\x7e]+) *$/i.exec(authorization)?.[1];
      const known = token === undefined ? undefined : await this.#byToken(token);
      return { byCookie: false, refused: !known, ...known };
    }
    const principal = await this.sessions.principal(cookie);
    if (principal) return { principal, byCookie: true, refused: false };
    const refused = cookie?.includes('clameur_session=') ?? false;
    if (!this.#letsStrangersLook(host)) return { byCookie: false, refused };
    return {
      principal: { name: 'anonymous', role: 'viewer', kind: 'anonymous' },
      byCookie: false,
      refused: false,
    };
  }

  async #byToken(token: string): Promise<{ principal: Principal; recheck: Recheck } | undefined> {
    if (token.length > MAX_TOKEN_LENGTH) return undefined;
    const digest = tokenDigest(token);
    const listed = await this.#tokens?.principal(digest);
    if (listed) return { principal: listed, recheck: async () => this.#tokens?.principal(digest) };
    const signed = JWT_FORM.test(token) ? await this.#jwt?.(token) : undefined;
    return signed && { principal: signed, recheck: () => Promise.resolve(signed) };
  }

  /** A page of another host can have its name point at this machine (DNS rebinding); its Host header gives it away. */
  #letsStrangersLook(host = ''): boolean {
    if (this.#anonymous !== 'local viewer') return this.#anonymous === 'viewer';
    const name = host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
    return name === 'localhost' || isIP(name) !== 0;
  }
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
