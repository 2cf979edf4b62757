import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseSite } from '../../src/config/index.js';
import { composeEvent } from '../../src/publish/index.js';
import {
  IncidentIndex,
  PoleMeter,
  startServer,
  type RunningServer,
  type ServiceState,
} from '../../src/server/index.js';
import { Metrics, silentLogger } from '../../src/telemetry/index.js';
import { CONTEXT, gunshot, ONSET, step } from '../publish/incidents.js';

const site = parseSite({
  type: 'FeatureCollection',
  properties: { site: 'vieux-port' },
  features: [1, 2].map((n) => ({
    type: 'Feature',
    geometry: { type: 'Point', coordinates: [5.37, 43.29 + n / 1000, 8] },
    properties: { pole: `quai-${n}`, publicKey: 'AAAA' },
  })),
});
const older = composeEvent(step('closed', gunshot({ incidentId: 'older', revision: 3 })), CONTEXT);
const newer = composeEvent(
  step(
    'detected',
    gunshot({
      incidentId: 'newer',
      onsetNanos: ONSET + 5_000_000_000n,
      reasons: [{ class: 'wind', text: '<script>alert(1)</script>' }],
    }),
  ),
  CONTEXT,
);

const index = new IncidentIndex();
[older, newer].forEach((event, i) => index.add(event, i + 1, Date.now()));

let server: RunningServer;
let readiness: ReturnType<ServiceState['ready']>;
let broken = false;
const metrics = new Metrics(['quai-1', 'quai-2'], { processMetrics: true });

beforeEach(async () => {
  broken = false;
  readiness = { model: { ready: true }, nats: { ready: true }, feeds: { ready: true } };
  server = await startServer(
    {
      version: '0.1.0',
      site,
      exercise: false,
      model: () => ({ ...CONTEXT.model, classes: ['gunshot', 'wind'] }),
      thresholds: () => ({ gunshot: { on: 0.6, off: 0.4, alone: 0.98 } }),
      history: {
        index,
        life: (id) => Promise.resolve([older, newer].filter(({ subject }) => subject === id)),
      },
      strips: () => new PoleMeter().strips(),
      replay: () => Promise.reject(new Error('not asked for here')),
      ready: () => readiness,
      poles: () => {
        if (broken) throw new Error('a secret of the inside');
        return [
          {
            pole: 'quai-1',
            position: [5.37, 43.291],
            recorded: true,
            state: 'live',
            lastFrameAgeSeconds: 0.12,
            clockUncertaintySeconds: 2e-6,
            frames: 10,
            framesDropped: 0,
          },
          {
            pole: 'quai-2',
            position: [5.37, 43.292],
            recorded: true,
            state: 'stalled',
            reason: 'no bytes for 2 s',
            frames: 0,
            framesDropped: 3,
            trouble: { garbled: 3 },
          },
        ];
      },
      recent: () => [older, newer],
      outbox: () => ({ state: 'idle', messages: 0, oldestAgeSeconds: 0 }),
      verdict: () => Promise.reject(new Error('not asked for here')),
      transparency: () => Promise.reject(new Error('not asked for here')),
      metrics: async () => ({
        contentType: metrics.registry.contentType,
        text: await metrics.text(),
      }),
    },
    { host: '127.0.0.1', port: 0, log: silentLogger() },
  );
});
afterEach(() => server.close());

const get = (path: string, init?: RequestInit) => fetch(`${server.url}${path}`, init);
const json = async (path: string) => (await get(path)).json() as Promise<Record<string, unknown>>;

test('/healthz answers as long as the event loop runs, ready or not', async () => {
  readiness = { ...readiness, nats: { ready: false } };
  const answer = await get('/healthz');
  expect([answer.status, await answer.json()]).toEqual([200, { status: 'ok' }]);
});

test.each(['model', 'nats', 'feeds'] as const)(
  '/readyz is 503 without %s, and says what is missing and why',
  async (part) => {
    expect((await get('/readyz')).status).toBe(200);
    readiness = { ...readiness, [part]: { ready: false, reason: 'because of the test' } };
    const answer = await get('/readyz');
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({
      status: 'not ready',
      missing: [part],
      parts: { [part]: { reason: 'because of the test' } },
    });
  },
);

test('/metrics is Prometheus text with its version, process metrics included', async () => {
  const answer = await get('/metrics');
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const text = await answer.text();
  expect(text).toContain('clameur_feed_state{pole="quai-1",state="waiting"} 1');
  expect(text).toContain('process_cpu_seconds_total');
  for (const line of text.split('\n').filter((one) => one && !one.startsWith('#'))) {
    expect(line).toMatch(/^[a-zA-Z_:][\w:]*(\{.*\})? \S+$/);
  }
});

describe('the REST interface', () => {
  test('/api/v1/status tells everything that the page shows, the newest incident first', async () => {
    const status = await json('/api/v1/status');
    expect(status).toMatchObject({
      version: '0.1.0',
      site: 'vieux-port',
      exercise: false,
      model: { name: 'clameur-net' },
      outbox: { state: 'idle' },
      poles: [
        { pole: 'quai-1', state: 'live' },
        { pole: 'quai-2', state: 'stalled' },
      ],
      incidents: [{ incidentId: 'newer' }, { incidentId: 'older', state: 'closed' }],
    });
  });

  test('/api/v1/poles, /incidents and /site each tell their part; the site is GeoJSON again, without keys', async () => {
    expect(await json('/api/v1/poles')).toMatchObject({ poles: [{ pole: 'quai-1' }, { pole: 'quai-2' }] });
    expect(await json('/api/v1/incidents')).toMatchObject({
      incidents: [{ incidentId: 'newer' }, { incidentId: 'older' }],
    });
    const answered = await json('/api/v1/site');
    expect(parseSite(answered).poles.map(({ pole }) => pole)).toEqual(['quai-1', 'quai-2']);
    expect(JSON.stringify(answered)).not.toContain('publicKey');
  });
});

test.each(['/', '/api/v1/status', '/metrics', '/none'])('%s carries the security headers', async (path) => {
  const { headers } = await get(path);
  expect(headers.get('content-security-policy')).toMatch(/default-src 'none'/);
  expect(headers.get('content-security-policy')).not.toMatch(/unsafe|\*/);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('x-frame-options')).toBe('DENY');
  expect(headers.get('x-powered-by')).toBeNull();
});

describe('an error is JSON with a code and a message of the table', () => {
  test.each([
    ['/none', {}, 404, 'NOT_FOUND', /no \/none here/],
    ['/api/v1/none', {}, 404, 'NOT_FOUND', /\/api\/v1\//],
    ['/%E0%A4%A', {}, 404, 'NOT_FOUND', /./],
    [
      '/api/v1/status',
      { method: 'POST' },
      405,
      'METHOD_NOT_ALLOWED',
      /POST is not possible on \/api\/v1\/status/,
    ],
  ])('%s', async (path, init, status, code, message) => {
    const answer = await get(path, init);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toEqual({ code, message: expect.stringMatching(message) });
  });

  test('and what broke inside is logged, not shown', async () => {
    broken = true;
    const answer = await get('/api/v1/poles');
    expect(answer.status).toBe(500);
    const text = await answer.text();
    expect(JSON.parse(text)).toMatchObject({ code: 'INTERNAL' });
    expect(text).not.toContain('secret');
  });
});

test('a port in use, and an address that is not ours, are clear errors that name the mend', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => holder.once('listening', resolve));
  const { port } = holder.address() as { port: number };
  const options = { host: '127.0.0.1', port, log: silentLogger() };
  await expect(startServer({} as ServiceState, options)).rejects.toMatchObject({
    code: 'PORT_IN_USE',
    exitCode: 4,
    message: expect.stringContaining(`Port ${port} on 127.0.0.1 is in use`),
  });
  holder.close();
  await expect(startServer({} as ServiceState, { ...options, host: '192.0.2.1' })).rejects.toMatchObject({
    code: 'HTTP_FAILED',
  });
});
