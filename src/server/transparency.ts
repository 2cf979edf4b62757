import { createHash } from 'node:crypto';
import { Router } from 'express';
import { transparencyPage } from '../privacy/index.js';
import { HTML_STYLE } from '../review/index.js';
import type { ServiceState } from './state.js';

const STYLE_HASH = createHash('sha256').update(HTML_STYLE).digest('base64');
const POLICY = `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** `GET /api/v1/transparency` and the same as a page, `/transparency`. For anyone. */
export function transparency(state: Pick<ServiceState, 'transparency'>): Router {
  const router = Router();
  router.get('/api/v1/transparency', async (_request, response) => {
    response.json(await state.transparency());
  });
  router.get('/transparency', async (_request, response) => {
    response.setHeader('Content-Security-Policy', POLICY);
    response.type('html').send(transparencyPage(await state.transparency()));
  });
  return router;
}
