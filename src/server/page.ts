import { Router } from 'express';
import { PAGE_HTML } from './page-html.js';
import { PAGE_SCRIPT } from './page-script.js';
import { PAGE_STYLE } from './page-style.js';

/** The plain page: three texts of this package, nothing from another host, no build step. */
export function page(): Router {
  const router = Router();
  router.get('/', (_request, response) => void response.type('html').send(PAGE_HTML));
  router.get('/page.js', (_request, response) => void response.type('text/javascript').send(PAGE_SCRIPT));
  router.get('/page.css', (_request, response) => void response.type('css').send(PAGE_STYLE));
  return router;
}
