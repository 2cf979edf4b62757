import { existsSync } from 'node:fs';
import express, { Router } from 'express';
import { ClameurError } from '../config/index.js';
import { CONSOLE_FOLDER } from './console-folder.js';

/** The console: files made by `npm run build`, nothing from another host. Names under `assets` change with their content. */
export function page(): Router {
  const router = Router();
  router.use(
    '/assets',
    express.static(`${CONSOLE_FOLDER}assets`, {
      index: false,
      redirect: false,
      setHeaders: (response) => response.setHeader('Cache-Control', 'public, max-age=31536000, immutable'),
    }),
  );
  router.get('/', (_request, response) => {
    if (!existsSync(`${CONSOLE_FOLDER}index.html`))
      throw new ClameurError('CONSOLE_MISSING', { folder: CONSOLE_FOLDER });
    response.setHeader('Cache-Control', 'no-cache');
    response.sendFile('index.html', { root: CONSOLE_FOLDER, cacheControl: false });
  });
  return router;
}
