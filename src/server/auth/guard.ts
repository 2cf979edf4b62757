import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import { ClameurError, type ErrorCode, type ServiceConfig } from '../../config/index.js';
import { accessFor } from './access-table.js';
import type { Authenticator, Identity } from './authenticator.js';
import { mayDo, type Principal, type Role } from './roles.js';

export const DENIALS = ['no_token', 'bad_token', 'role', 'origin', 'rate'] as const;

/** A request that was not let in. Holds nothing of what it showed. */
export interface Denial {
  reason: (typeof DENIALS)[number];
  method: string;
  path: string;
  address: string;
  /** Who it was, where that is known. */
  name?: string;
  /** The role that it takes. */
  needs?: Role;
}

export interface GuardOptions {
  authenticator: Authenticator;
  open: ServiceConfig['http']['open'];
  requestsPerMinute: number;
  onDenied: (denial: Denial) => void;
}

const MINUTE_MILLIS = 60_000;
const FAILURES_PER_MINUTE = 30;
const MAX_PATH_LENGTH = 200;

/** Who the guard let in; undefined on open routes that nobody is needed for. */
export function principalOf(response: Response): Principal | undefined {
  return (response.locals as { identity?: Identity }).identity?.principal;
}

export function identityOf(response: Response): Identity {
  return (response.locals as { identity: Identity }).identity;
}

/** Stands before every route: the table says what a request needs, the authenticator whose it is. */
export function guard({ authenticator, open, requestsPerMinute, onDenied }: GuardOptions): RequestHandler[] {
  type Why = Pick<Denial, 'reason' | 'name' | 'needs'>;
  const deny = (request: Request, next: NextFunction, code: ErrorCode, why: Why): void => {
    const { method } = request;
    const path = request.path.slice(0, MAX_PATH_LENGTH);
    onDenied({ method, path, address: addressOf(request), ...why });
    next(new ClameurError(code, { method, path, role: why.needs }));
  };
  const limited = (limit: number, skip: (request: Request) => boolean): RequestHandler =>
    rateLimit({
      windowMs: MINUTE_MILLIS,
      limit,
      standardHeaders: 'draft-8',
      legacyHeaders: false,
      skip,
      keyGenerator: (request) => ipKeyGenerator(addressOf(request)),
      // What it would print is about X-Forwarded-For; http.proxies says whether that is believed.
      validate: false,
      handler: (request, _response, next) => deny(request, next, 'RATE_LIMITED', { reason: 'rate' }),
    });
  const isProbe = ({ method, path }: Request) =>
    ['health', 'metrics'].includes(accessFor(method, path) ?? 'anyone');
  // Only those that fail are counted, so that nobody can lock out who shares an address with him.
  const failures = limited(FAILURES_PER_MINUTE, () => false);
  return [
    limited(requestsPerMinute, isProbe),
    async (request, response, next) => {
      const { method, path } = request;
      const needs = accessFor(method, path);
      if (needs === undefined) {
        response.setHeader('Allow', allowed(path));
        return next(new ClameurError('METHOD_NOT_ALLOWED', { method, path }));
      }
      const identity = await authenticator.identify(request.headers);
      (response.locals as { identity?: Identity }).identity = identity;
      if (needs === 'anyone') return next();
      if ((needs === 'health' || needs === 'metrics') && open.includes(needs)) return next();
      const role = needs === 'health' || needs === 'metrics' ? 'viewer' : needs;
      const { principal } = identity;
      if (!principal) {
        response.setHeader('WWW-Authenticate', 'Bearer realm="clameur"');
        const reason = identity.refused ? 'bad_token' : 'no_token';
        return void failures(request, response, (limit) =>
          limit ? next(limit) : deny(request, next, 'TOKEN_NEEDED', { reason, needs: role }),
        );
      }
      if (!mayDo(principal.role, role)) {
        return deny(request, next, 'ROLE_NEEDED', { reason: 'role', name: principal.name, needs: role });
      }
      if (identity.byCookie && method !== 'GET' && method !== 'HEAD' && !isSameOrigin(request)) {
        return deny(request, next, 'FOREIGN_ORIGIN', { reason: 'origin', name: principal.name });
      }
      next();
    },
  ];
}

function addressOf({ ip, socket }: Request): string {
  return ip ?? socket.remoteAddress ?? 'unknown';
}

function allowed(path: string): string {
  const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((method) => accessFor(method, path));
  return methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', ');
}

/** A change asked for with a cookie must come from a page of this host; browsers always say where from. */
function isSameOrigin({ headers }: Request): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  const { origin, host } = headers;
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === host;
}
