import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'nats';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { faults, readEvents, until } from '../publish/hub.js';
import { startNatsServer } from '../support/nats-server.js';
import { Link } from './link.js';
import { expectNothingLost, pause, Publishing, publishingFolder } from './publishing.js';

/** OUTAGE_SECONDS=3600 for the hour. */
const OUTAGE_SECONDS = Number(process.env['OUTAGE_SECONDS'] ?? 20);
/** So that the hour's incidents fit into an outbox of its usual bound. */
const PACE_MILLIS = Math.max(50, OUTAGE_SECONDS / 3);

let folder: string;
beforeAll(async () => void (folder = await publishingFolder()));
afterAll(() => rm(folder, { recursive: true, force: true }));

async function stored(url: string): Promise<number> {
  const nc = await connect({ servers: url });
  try {
    return (await (await nc.jetstreamManager()).streams.info('EVENTS')).state.messages;
  } finally {
    await nc.close();
  }
}

test(`NATS is down for ${OUTAGE_SECONDS} s, and events whose acknowledgement was lost before are known as duplicates after`, async () => {
  const nats = await startNatsServer();
  const link = await Link.open(nats.port);
  const data = join(folder, 'outage');
  await mkdir(data);
  const child = new Publishing(folder, link.url, data, { paceMillis: PACE_MILLIS });
  await until('it publishes', async () => child.said().length > 6 && (await stored(nats.url)) > 6, 300);
  link.set('deaf');
  const before = await stored(nats.url);
  await until('NATS stores what it cannot acknowledge', async () => (await stored(nats.url)) > before, 300);
  await nats.kill();
  const unheard = child.said().length;
  await pause(OUTAGE_SECONDS * 1000);
  expect(child.said().length, 'incidents are made during the outage').toBeGreaterThan(unheard);
  await nats.restart();
  link.set('cut');
  link.set('open');
  const made = await child.end('SIGTERM');
  const next = new Publishing(folder, link.url, data, { first: 1_000_000, paceMillis: PACE_MILLIS });
  await until('it is open again', () => next.said().length > 0, 300);
  made.push(...(await next.end('SIGTERM')));
  const got = (await readEvents(nats.url)).map(({ event }) => event);
  link.close();
  await nats.close();
  expectNothingLost(made, got, `${OUTAGE_SECONDS} s of outage`);
  expect(faults(got), 'nor twice in the stream itself').toEqual({ twice: [], outOfOrder: [] });
}, 5_000_000);
