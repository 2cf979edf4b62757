import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { ClameurError, type ServiceConfig } from '../config/index.js';
import type { Logger } from '../telemetry/index.js';
import { api } from './api.js';
import { guard, sessionRoutes, type Authenticator, type Denial } from './auth/index.js';
import { page } from './page.js';
import { securityHeaders } from './security.js';
import { ReplaySessions, replayUploads } from './replay/index.js';
import type { ServiceState } from './state.js';
import { transparency } from './transparency.js';
import { verdicts } from './verdicts.js';

export interface AppOptions {
  log: Logger;
  authenticator: Authenticator;
  access: Pick<ServiceConfig['http'], 'open' | 'requestsPerMinute' | 'proxies'>;
  onDenied: (denial: Denial) => void;
}

/** Everything the service answers over HTTP. Who may ask for what: auth/access-table.ts. */
export function createApp(
  state: ServiceState,
  { log, authenticator, access, onDenied }: AppOptions,
): Express {
  const app = express();
  app.set('trust proxy', access.proxies);
  app.disable('x-powered-by');
  app.set('etag', false);
  app.use(securityHeaders(state.tiles));
  app.use(guard({ ...access, authenticator, onDenied }));
  const replays = new ReplaySessions(state.replay);
  app.use(transparency(state));
  app.use('/api/v1', verdicts(state));
  app.use('/api/v1', replayUploads(replays));
  app.get('/healthz', (_request, response) => void response.json({ status: 'ok' }));
  app.get('/readyz', (_request, response) => {
    const parts = state.ready();
    const missing = Object.entries(parts).filter(([, part]) => !part.ready);
    response.status(missing.length === 0 ? 200 : 503).json({
      status: missing.length === 0 ? 'ready' : 'not ready',
      missing: missing.map(([name]) => name),
      parts,
    });
  });
  app.get('/metrics', async (_request, response) => {
    const { contentType, text } = await state.metrics();
    // Not response.send: it would put its own charset over the version that Prometheus reads.
    response.setHeader('Content-Type', contentType);
    response.end(text);
  });
  app.use('/api/v1/session', sessionRoutes(authenticator));
  app.use('/api/v1', api(state, replays));
  app.use(page());
  app.use((request) => {
    throw new ClameurError('NOT_FOUND', { path: request.path });
  });
  app.use(errorAnswer(log));
  return app;
}

/** Errors of the table as they are; any other one is logged, and its inside is not shown. Four arguments: Express's rule. */
function errorAnswer(log: Logger) {
  return (error: unknown, request: Request, response: Response, next: NextFunction): void => {
    if (response.headersSent) return next(error);
    const status = (error as { status?: number }).status;
    let known: ClameurError;
    if (error instanceof ClameurError) known = error;
    else if (status !== undefined && status < 500)
      known = new ClameurError('NOT_FOUND', { path: request.path });
    else {
      log.error({ err: error, path: request.path }, 'a request failed');
      known = new ClameurError('INTERNAL', {}, { cause: error });
    }
    response.status(known.httpStatus).json({ code: known.code, message: known.message });
  };
}
