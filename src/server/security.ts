import type { NextFunction, Request, RequestHandler, Response } from 'express';
import helmet from 'helmet';
import type { Tiles } from '../config/index.js';

/**
 * The page takes everything from its own host: no inline script or style, no frames, no forms, no referrer. No
 * Strict-Transport-Security, for TLS is the proxy's. Only a tile server that the configuration names may be asked for
 * pictures.
 */
export function securityHeaders(tiles?: Tiles): RequestHandler[] {
  return [
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'none'"],
          scriptSrc: ["'self'"],
          styleSrc: ["'self'"],
          imgSrc: ["'self'", ...(tiles ? [new URL(tiles.url).origin] : [])],
          connectSrc: ["'self'"],
          baseUri: ["'none'"],
          formAction: ["'none'"],
          frameAncestors: ["'none'"],
        },
      },
      crossOriginOpenerPolicy: { policy: 'same-origin' },
      crossOriginResourcePolicy: { policy: 'same-origin' },
      referrerPolicy: { policy: 'no-referrer' },
      frameguard: { action: 'deny' },
      strictTransportSecurity: false,
    }),
    privateAnswers,
  ];
}

/** What helmet leaves out: nothing is kept by a cache, and the page needs none of the browser's senses. */
function privateAnswers(_request: Request, response: Response, next: NextFunction): void {
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('Permissions-Policy', 'camera=(), microphone=(), geolocation=()');
  next();
}
