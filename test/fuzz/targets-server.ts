import fc from 'fast-check';
import { ClameurError } from '../../src/config/index.js';
import { parseVerdict } from '../../src/review/verdict.js';
import { accessFor } from '../../src/server/auth/access-table.js';
import { startServer, type ServiceState } from '../../src/server/index.js';
import { silentLogger } from '../../src/telemetry/index.js';
import { tarOf, zipOf } from '../server/archives.js';
import { STATE } from '../server/state.js';
import { accessFile } from '../support/access.js';
import { damaged, damagedJson } from './arbitraries.js';
import { target, type Target } from './target.js';

const known = (code: 'NOT_FOUND') => Promise.reject(new ClameurError(code, { path: '/fuzz' }));
const state: ServiceState = {
  ...STATE,
  verdict: (input: unknown) => Promise.resolve().then(() => parseVerdict(input) as never),
  transparency: () => known('NOT_FOUND'),
  replay: () => known('NOT_FOUND'),
};
const files = [['a.wav', Buffer.alloc(200)]] as const;
const bodies = fc.oneof(
  damagedJson([{ verdict: 'confirmed', reason: 'thunder', note: 'x' }]).map(
    (value) => JSON.stringify(value) ?? '',
  ),
  damaged([zipOf(files), tarOf(files)]),
  fc.string(),
);
const request = fc.record({
  path: fc.oneof(
    fc.webPath(),
    fc.webPath().map((path) => `/api/v1${path}`),
    fc.webSegment().map((id) => `/api/v1/incidents/${id}/verdict`),
    fc.webSegment().map((pole) => `/api/v1/poles/${pole}/levels`),
    fc.webQueryParameters().map((query) => `/api/v1/incidents?${query}`),
    fc
      .record({
        class: fc.constantFrom('gunshot', '', 'x'),
        bbox: fc.string(),
        limit: fc.string(),
        cursor: fc.string(),
      })
      .map((query) => `/api/v1/export/incidents.csv?${new URLSearchParams(query).toString()}`),
    fc.constantFrom(
      '/api/v1/session',
      '/api/v1/replays?name=..%2f..%2fetc%2fpasswd',
      '/api/v1/replays?name=%0d%0aX-Injected:%201',
      '/api/v1/replays/x/report.html',
      '/api/v1/statistics?class[]=gunshot&__proto__[x]=1',
      '/%00',
      '/..%2f..',
      '/assets/..%2f..%2fpackage.json',
      '//',
      '/%61pi/v1/status',
      '/api/v1;x/status',
      '/api/v1/status?token=x',
    ),
  ),
  method: fc.constantFrom('GET', 'GET', 'POST', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'),
  authorization: fc.oneof(
    fc.constant(undefined),
    fc.base64String().map((text) => `Bearer ${text}`),
    fc.constant('Basic eA=='),
  ),
  cookie: fc.oneof(
    fc.constant(undefined),
    fc.base64String().map((text) => `clameur_session=${text}`),
  ),
  type: fc.constantFrom('application/json', 'text/plain', 'multipart/form-data; boundary=x', ''),
  body: bodies,
});

/** Requests to a running server, of strangers and of an operator. */
export async function serverTargets(): Promise<Target[]> {
  const methods = fc.constantFrom('GET', 'POST', 'DELETE', 'HEAD', 'TRACE', '');
  return [
    target('access', 0.03, fc.tuple(methods, fc.webPath()), ([method, path]) => {
      const access = accessFor(method, `/api/v1${path}`);
      return access !== 'anyone' || /(session|transparency)\/*$/i.test(path);
    }),
    await rest('REST, of strangers', undefined),
    await rest('REST and uploads, of an operator', accessFile()),
  ];
}

/** Always an answer, never a 500, and nothing for strangers but what is open. */
async function rest(name: string, access: ReturnType<typeof accessFile> | undefined): Promise<Target> {
  const server = await startServer(state, {
    host: '127.0.0.1',
    port: 0,
    log: silentLogger(),
    requestsPerMinute: 1_000_000,
    anonymous: 'none',
    ...(access && { tokens: access.env['CLAMEUR_HTTP_TOKENS'] }),
  });
  return target(
    name,
    0.002,
    request,
    async ({ path, method, authorization, cookie, type, body }) => {
      const token = access ? `Bearer ${access.tokens.operator}` : authorization;
      const answer = await fetch(`${server.url}${path.startsWith('/') ? path : `/${path}`}`, {
        method,
        headers: {
          'content-type': type || 'x/y',
          ...(token && { authorization: token }),
          ...(cookie && { cookie }),
        },
        ...(method !== 'GET' && method !== 'HEAD' && { body: body as BodyInit }),
      });
      const text = await answer.text();
      const unbuilt = text.includes('CONSOLE_MISSING');
      if (
        (answer.status >= 500 && !unbuilt) ||
        text.includes('"dependencies"') ||
        answer.headers.has('x-injected')
      )
        return false;
      const { pathname } = new URL(answer.url);
      return (
        access !== undefined ||
        !pathname.startsWith('/api/v1/') ||
        /(session|transparency)/.test(pathname) ||
        [401, 404, 405, 429].includes(answer.status)
      );
    },
    () => server.close(),
  );
}
