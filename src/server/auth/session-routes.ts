import { Router } from 'express';
import { ClameurError } from '../../config/index.js';
import type { Authenticator } from './authenticator.js';
import { identityOf, principalOf } from './guard.js';

/**
 * `/api/v1/session`: GET tells who one is, POST with a bearer token gives a browser a session cookie, DELETE ends it.
 */
export function sessionRoutes({ sessions }: Authenticator): Router {
  const router = Router();
  router.get('/', (_request, response) => {
    const principal = principalOf(response);
    response.json(principal ? { name: principal.name, role: principal.role } : { role: 'none' });
  });
  router.post('/', (request, response) => {
    const { principal, recheck } = identityOf(response);
    if (!principal || !recheck)
      throw new ClameurError('TOKEN_NEEDED', { path: request.originalUrl, role: 'viewer' });
    const { name, role, expiresAtMillis } = principal;
    const { cookie, endsAtMillis } = sessions.open(recheck, request.secure, expiresAtMillis);
    response.setHeader('Set-Cookie', cookie);
    response.status(201).json({ name, role, ends: new Date(endsAtMillis).toISOString() });
  });
  router.delete('/', (request, response) => {
    response.setHeader('Set-Cookie', sessions.close(request.headers.cookie, request.secure));
    response.status(204).end();
  });
  return router;
}
