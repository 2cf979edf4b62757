import type { NextFunction, Request, Response } from 'express';

/**
 * The page takes everything from its own host: no inline script or style, no frames, no forms, no referrer. What
 * helmet would set and matters here; no Strict-Transport-Security, for TLS is the proxy's.
 */
const HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Cache-Control': 'no-store',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=()',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

export function securityHeaders(_request: Request, response: Response, next: NextFunction): void {
  response.setHeaders(new Map(Object.entries(HEADERS)));
  next();
}
