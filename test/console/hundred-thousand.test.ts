import { connect, type NatsConnection } from 'nats';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { composeEvent, ensureStreams, eventSubject } from '../../src/publish/index.js';
import { noPublishCounters, silentLogger } from '../../src/telemetry/index.js';
import { CONTEXT, gunshot, step } from '../publish/incidents.js';
import { accessFile } from '../support/access.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { startService, waitFor, type RunningService } from '../support/service.js';

const INCIDENTS = 100_000;
const AT_ONCE = 500;
/** Over the ten days that EVENTS keeps. */
const APART_MILLIS = 8_640;

const access = accessFile();
const headers = { authorization: `Bearer ${access.tokens.operator}` };
let nats: NatsServer;
let service: RunningService;

/** Each incident told twice, as detected and as closed; about 1.3 km round the site's middle. */
async function fill(hub: NatsConnection): Promise<number> {
  const js = hub.jetstream();
  const fromMillis = Date.now() - INCIDENTS * APART_MILLIS;
  let bytes = 0;
  let waiting: Promise<unknown>[] = [];
  for (let n = 0; n < INCIDENTS; n++) {
    const incidentId = n.toString(16).padStart(16, '0');
    const onsetNanos = BigInt(fromMillis + n * APART_MILLIS) * 1_000_000n;
    const location: [number, number] = [5.37 + ((n * 37) % 100) / 8000, 43.29 + ((n * 53) % 100) / 8000];
    for (const [revision, change] of [
      [1, 'detected'],
      [2, 'closed'],
    ] as const) {
      const incident = gunshot({ incidentId, revision, onsetNanos, location });
      const event = composeEvent(step(change, incident), CONTEXT);
      const text = JSON.stringify(event);
      bytes += text.length;
      waiting.push(js.publish(eventSubject(CONTEXT.site, 'gunshot'), text, { msgID: event.id }));
    }
    if (waiting.length < AT_ONCE) continue;
    await Promise.all(waiting);
    waiting = [];
  }
  await Promise.all(waiting);
  return bytes;
}

beforeAll(async () => {
  nats = await startNatsServer();
  const hub = await connect({ servers: nats.url });
  await ensureStreams(hub, { log: silentLogger(), counters: noPublishCounters });
  const bytes = await fill(hub);
  await hub.close();
  process.stdout.write(`${INCIDENTS} incidents, ${(bytes / 1e6).toFixed(0)} MB of events\n`);
});
afterAll(async () => {
  await service?.close();
  await nats?.close();
});

const get = async (path: string) => (await fetch(`${service.url}${path}`, { headers })).json();

let longestSeconds = 0;
let probing = true;
/** Asks without end how the service is: what a held event loop does to others. */
async function probe(): Promise<void> {
  while (probing) {
    const began = performance.now();
    await (await fetch(`${service.url}/healthz`)).text();
    longestSeconds = Math.max(longestSeconds, (performance.now() - began) / 1000);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The longest answer since this was last asked. */
function longestDelaySeconds(): number {
  const longest = longestSeconds;
  longestSeconds = 0;
  return longest;
}

test('a hundred thousand incidents in EVENTS: the service keeps its claim while it reads them, and each is found', async () => {
  const startMillis = performance.now();
  service = await startService(nats.url, {
    env: { ...access.env, CLAMEUR_HTTP_REQUESTS_PER_MINUTE: '100000' },
  });
  const since = () => ((performance.now() - startMillis) / 1000).toFixed(1);
  await service.ready();
  const probed = probe();
  const readySeconds = since();
  let [count, longest] = [0, 0];
  await waitFor(
    'all incidents to be in',
    async () => {
      const delay = longestDelaySeconds();
      if (delay > 0.1)
        process.stdout.write(`event loop held for ${(delay * 1000).toFixed(0)} ms before ${since()} s\n`);
      longest = Math.max(longest, delay);
      const { history } = (await get('/api/v1/about')) as {
        history: { incidents: number; complete: boolean };
      };
      count = history.incidents;
      return history.complete;
    },
    280,
  );
  process.stdout.write(
    `ready after ${readySeconds} s, all read after ${since()} s; longest event-loop delay ${(longest * 1000).toFixed(0)} ms\n`,
  );
  expect(count).toBe(INCIDENTS);
  expect(service.log()).not.toMatch(/claim.*(lost|expired)|another process locates/i);

  const searches: Record<string, string> = {
    'newest page': '/api/v1/incidents?limit=50',
    'area and confidence': '/api/v1/incidents?limit=50&bbox=5.370,43.290,5.3705,43.2905&minConfidence=0.9',
    'nothing matches': '/api/v1/incidents?class=explosion',
    'statistics of all': '/api/v1/statistics',
    'all as CSV': '/api/v1/export/incidents.csv',
    'all as GeoJSON': '/api/v1/export/incidents.geojson',
  };
  for (const [name, path] of Object.entries(searches)) {
    longestDelaySeconds();
    const began = performance.now();
    const answer = await fetch(`${service.url}${path}`, { headers });
    const bytes = (await answer.arrayBuffer()).byteLength;
    const took = performance.now() - began;
    const delay = longestDelaySeconds();
    process.stdout.write(
      `${name}: ${took.toFixed(0)} ms, ${(bytes / 1000).toFixed(0)} kB, event loop held at most ${(delay * 1000).toFixed(0)} ms\n`,
    );
    expect(answer.status).toBe(200);
  }
  const { total } = (await get('/api/v1/statistics')) as { total: number };
  expect(total).toBe(INCIDENTS);
  probing = false;
  await probed;
});
