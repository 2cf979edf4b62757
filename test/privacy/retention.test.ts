import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, nanos, type NatsConnection } from 'nats';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseService } from '../../src/config/index.js';
import { deleteUnconfirmed } from '../../src/privacy/index.js';
import { ensureStreams, Publisher } from '../../src/publish/index.js';
import { silentLogger } from '../../src/telemetry/index.js';
import { readEvents } from '../publish/hub.js';
import { CONTEXT, gunshot, step } from '../publish/incidents.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';

const DAY_MILLIS = 86_400_000;
const log = silentLogger();
let server: NatsServer;
let nc: NatsConnection;
let dataFolder: string;

beforeAll(async () => {
  server = await startNatsServer();
  nc = await connect({ servers: server.url });
  dataFolder = await mkdtemp(join(tmpdir(), 'clameur-retention-'));
});
afterAll(async () => {
  await nc?.close();
  await server?.close();
  await rm(dataFolder, { recursive: true, force: true });
});

test.each([
  ['retention: { eventsDays: 11 }', 'eventsDays'],
  ['retention: { verdictsDays: 366 }', 'verdictsDays'],
  ['retention: { auditDays: 1000 }', 'auditDays'],
])('%s: nothing may be kept longer than the stated most', (yaml, named) => {
  expect(() => parseService(yaml, 'test.yaml')).toThrow(named);
});

test('a stream that keeps things too long is shortened, one that keeps them shorter is left', async () => {
  const manager = await nc.jetstreamManager();
  await manager.streams.add({ name: 'EVENTS', subjects: ['events.>'], max_age: nanos(30 * DAY_MILLIS) });
  await manager.streams.add({ name: 'VERDICTS', subjects: ['reviews.>'], max_age: 0 });
  await manager.streams.add({ name: 'FIGURES', subjects: ['figures.>'], max_age: nanos(2 * DAY_MILLIS) });
  await ensureStreams(nc, { log, retentionDays: { EVENTS: 5, VERDICTS: 100, FIGURES: 50, AUDIT: 200 } });
  const ages = [];
  for (const name of ['EVENTS', 'VERDICTS', 'FIGURES', 'AUDIT'])
    ages.push((await manager.streams.info(name)).config.max_age / nanos(DAY_MILLIS));
  expect(ages).toEqual([5, 100, 2, 200]);
});

test('incidents that nobody confirmed go first, every message of them; confirmed and recent ones stay', async () => {
  const publisher = await Publisher.open({ dataFolder, log });
  await publisher.attach(nc);
  const tell = async (incidentId: string) =>
    (await publisher.publish(step('detected', gunshot({ incidentId })), CONTEXT))!;
  const at = '2026-05-01T22:04:05.250134Z';
  await publisher.publishReview(await tell('confirmed'), { state: 'confirmed', at }, CONTEXT.site);
  await publisher.publishReview(await tell('dismissed'), { state: 'dismissed', at }, CONTEXT.site);
  await tell('silent');
  expect(await publisher.flush(20)).toBe(0);
  await publisher.close();
  expect(await deleteUnconfirmed(nc, CONTEXT.site, new Date(Date.now() - DAY_MILLIS))).toBe(0);
  expect(await deleteUnconfirmed(nc, CONTEXT.site, new Date(Date.now() + 1000))).toBe(2);
  const left = (await readEvents(server.url)).map(({ event }) => event.subject);
  expect(left).toEqual(['confirmed', 'confirmed']);
});
