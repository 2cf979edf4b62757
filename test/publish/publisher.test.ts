import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect, type NatsConnection } from 'nats';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { parseService } from '../../src/config/index.js';
import {
  composeEvent,
  connectNats,
  openIncidents,
  Publisher,
  readRecentEvents,
  type CloudEvent,
} from '../../src/publish/index.js';
import { Metrics, silentLogger } from '../../src/telemetry/index.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { faults, readEvents, until } from './hub.js';
import { CONTEXT, gunshot, ONSET, step, later } from './incidents.js';

let server: NatsServer;
let dataFolder: string;
const open: Array<{ close(): Promise<unknown> }> = [];

beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'clameur-outbox-'));
  const nc = await connect({ servers: server.url });
  await (await nc.jetstreamManager()).streams.delete('EVENTS').catch(() => false);
  await nc.close();
});
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
  await rm(dataFolder, { recursive: true, force: true });
});

const nats = () => parseService(`nats: { servers: "${server.url}" }`, 'test.yaml').config.nats;
async function connected(): Promise<NatsConnection> {
  const nc = await connectNats(nats());
  open.push(nc);
  return nc;
}
async function publisher(options: object = {}): Promise<Publisher> {
  const one = await Publisher.open({ dataFolder, log: silentLogger(), ...options });
  open.push(one);
  return one;
}
const revision = (incidentId: string, number: number) =>
  step(
    number === 1 ? 'detected' : 'updated',
    gunshot({ incidentId, revision: number, durationSeconds: number }),
  );

test('an incident’s life reaches the hub as structured CloudEvents on events.<site>.<class>', async () => {
  const sender = await publisher();
  await sender.attach(await connected());
  for (const one of [
    revision('a', 1),
    revision('a', 2),
    step('closed', gunshot({ incidentId: 'a', revision: 3, durationSeconds: 2 })),
  ]) {
    await sender.publish(one, CONTEXT);
  }
  expect(await sender.flush(10)).toBe(0);
  const got = await readEvents(server.url);
  expect(got.map(({ event }) => event.type.split('.')[2])).toEqual(['detected', 'updated', 'closed']);
  for (const { event, subject, contentType, msgId } of got) {
    expect({ subject, contentType, msgId }).toEqual({
      subject: 'events.vieux-port.gunshot',
      contentType: 'application/cloudevents+json',
      msgId: event.id,
    });
  }
  expect(sender.outbox.status()).toEqual({ state: 'idle', messages: 0, oldestAgeSeconds: 0 });
});

test('a content that comes back after another reaches the hub too, and one that says nothing new is not sent', async () => {
  const sender = await publisher();
  await sender.attach(await connected());
  const at = (number: number, confidence: number) =>
    step('updated', gunshot({ revision: number, confidence }));
  const sent = [];
  for (const one of [at(1, 0.8), at(2, 0.9), at(3, 0.8), at(4, 0.8), at(5, 0.9)])
    sent.push(await sender.publish(one, CONTEXT));
  expect(await sender.flush(10)).toBe(0);
  expect(sent[3]).toBeUndefined();
  const got = await readEvents(server.url);
  expect(got.map(({ event: { data } }) => [data.revision, data.confidence, data.recurrence])).toEqual([
    [1, 0.8, undefined],
    [2, 0.9, undefined],
    [3, 0.8, 2],
    [5, 0.9, 2],
  ]);
});

test('NATS killed, frozen and restarted while incidents are published: every event arrives once, in order', async () => {
  const sender = await publisher();
  await sender.attach(await connected());
  const sent: CloudEvent[] = [];
  let number = 0;
  const publishSome = async (rounds: number) => {
    for (let i = 0; i < rounds; i++) {
      number++;
      for (const id of ['a', 'b', 'c', `alone-${number}`])
        sent.push((await sender.publish(revision(id, number), CONTEXT))!);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  await publishSome(20);
  await server.kill();
  await publishSome(20);
  expect(sender.outbox.depth).toBeGreaterThan(0);
  expect(sender.outbox.state).toBe('waiting');
  await server.restart();
  await publishSome(20);
  await until('the backlog is gone', () => sender.outbox.depth === 0);
  process.kill(server.pid!, 'SIGSTOP');
  try {
    await publishSome(20);
    // Longer than an acknowledgement is waited for, so that messages are sent twice.
    await new Promise((resolve) => setTimeout(resolve, 6000));
    expect(sender.outbox.depth).toBeGreaterThan(0);
  } finally {
    process.kill(server.pid!, 'SIGCONT');
  }
  await publishSome(20);
  expect(await sender.flush(40)).toBe(0);
  const got = (await readEvents(server.url)).map(({ event }) => event);
  expect(faults(got)).toEqual({ twice: [], outOfOrder: [] });
  expect(got.map(({ id }) => id).sort()).toEqual(sent.map(({ id }) => id).sort());
});

test('the process killed and NATS killed, again and again: whatever was put in arrives once, in order', async () => {
  const put: string[] = [];
  let next = 1;
  for (const natsToo of [false, true, false]) {
    const child = startChild(next);
    await until('the child publishes', () => child.said().length >= 30, 60);
    if (natsToo) {
      await server.kill();
      const before = child.said().length;
      await until('the child goes on without NATS', () => child.said().length >= before + 30, 60);
    }
    child.process.kill('SIGKILL');
    await once(child.process, 'close');
    put.push(...child.said());
    next += 100_000;
    if (natsToo) await server.restart();
  }
  const last = await publisher();
  await last.attach(await connected());
  expect(await last.flush(40)).toBe(0);
  const got = (await readEvents(server.url)).map(({ event }) => event);
  expect(faults(got)).toEqual({ twice: [], outOfOrder: [] });
  const ids = new Set(got.map(({ id }) => id));
  expect(put.filter((id) => !ids.has(id))).toEqual([]);
  expect(put.length).toBeGreaterThanOrEqual(120);
  // Four processes start one after the other, on a machine that may be busy.
}, 180_000);

test('NATS that comes only later, and a stream that is deleted under the service, lose nothing', async () => {
  await server.kill();
  const sender = await publisher();
  const attached = connectNats(nats()).then(async (nc) => {
    open.push(nc);
    await sender.attach(nc);
    return nc;
  });
  await sender.publish(revision('early', 1), CONTEXT);
  expect(sender.ready).toBe(false);
  await server.restart();
  const nc = await attached;
  await until('the early event is out', () => sender.outbox.depth === 0);
  expect(sender.ready).toBe(true);
  await (await nc.jetstreamManager()).streams.delete('EVENTS');
  await sender.publish(revision('late', 1), CONTEXT);
  expect(await sender.flush(20)).toBe(0);
  expect((await readEvents(server.url)).map(({ event }) => event.subject)).toEqual(['late']);
});

test('a service that takes over goes on with the incidents that EVENTS and the outbox leave open', async () => {
  const first = await publisher();
  await first.attach(await connected());
  await first.publish(revision('open', 1), CONTEXT);
  await first.publish(revision('closed', 1), CONTEXT);
  await first.publish(step('closed', gunshot({ incidentId: 'closed', revision: 2 })), CONTEXT);
  expect(await first.flush(10)).toBe(0);
  first.outbox.attach(undefined);
  await first.publish(revision('unsent', 1), CONTEXT);
  await first.publish(revision('open', 2), CONTEXT);
  await first.close();

  const nc = await connected();
  await nc.jetstream().publish('events.vieux-port.gunshot', 'no event of ours');
  const second = await publisher();
  second.remember(await readRecentEvents(nc, 'vieux-port'));
  const taken = openIncidents(second.recent());
  expect(taken.map(({ incidentId, revision: number }) => [incidentId, number]).sort()).toEqual([
    ['open', 2],
    ['unsent', 1],
  ]);
  const { onsetNanos, location, poles } = taken[0];
  expect({ onsetNanos, location }).toEqual({
    onsetNanos: ONSET - (ONSET % 1000n),
    location: [5.36978, 43.29513],
  });
  expect(poles).toHaveLength(2);
});

test('latency is counted from the deciding arrival to the acknowledgement, by class', async () => {
  const metrics = new Metrics(['quai-1'], { processMetrics: false });
  const decidedBy = BigInt(Date.now()) * 1_000_000n - 700_000_000n;
  const now = () => decidedBy + 700_000_000n;
  const sender = await publisher({ counters: metrics, now });
  await sender.attach(await connected());
  const event = await sender.publish(
    { ...revision('a', 1), decidedByNanos: decidedBy },
    { ...CONTEXT, latencySeconds: { transport: 0.1, listen: 0.3, locate: 0.05 } },
  );
  expect(event!.data.latencySeconds).toEqual({
    transport: 0.1,
    listen: 0.3,
    locate: 0.05,
    publish: 0.25,
    total: 0.7,
  });
  expect(await sender.flush(10)).toBe(0);
  const text = await metrics.registry.metrics();
  expect(text).toContain('clameur_events_total{class="gunshot",outcome="published"} 1');
  expect(text).toContain('clameur_event_latency_seconds_count{class="gunshot"} 1');
  expect(text).toContain('clameur_event_latency_seconds_bucket{le="0.6",class="gunshot"} 0');
  expect(text).toContain('clameur_outbox_messages 0');
});

test('of an arrival by a clock that is years off no latency is told', async () => {
  const metrics = new Metrics(['quai-1'], { processMetrics: false });
  const sender = await publisher({ counters: metrics, now: () => BigInt(Date.now()) * 1_000_000n });
  await sender.attach(await connected());
  const inTheYear2100 = BigInt(Date.UTC(2100, 0, 1)) * 1_000_000n;
  const event = await sender.publish({ ...revision('a', 1), decidedByNanos: inTheYear2100 }, CONTEXT);
  expect(event!.data).not.toHaveProperty('latencySeconds');
  expect(await sender.flush(10)).toBe(0);
  expect(await metrics.registry.metrics()).not.toMatch(/clameur_event_latency_seconds_count.* [1-9]/);
});

function startChild(first: number): { process: ChildProcess; said(): string[] } {
  const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));
  const child = spawn(
    process.execPath,
    [
      '--import',
      file('../support/run-typescript.mjs'),
      file('publishing-child.ts'),
      server.url,
      dataFolder,
      String(first),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  open.push({ close: async () => child.kill('SIGKILL') });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (more: string) => (text += more));
  // The last line may be half written when the child is killed.
  return { process: child, said: () => text.split('\n').slice(1, -1) };
}

test('what another process told of since is taken back, under whatever name, unless the hub knows ours', async () => {
  const sender = await publisher();
  await sender.attach(await connected());
  await sender.publish(revision('b'.repeat(16), 1), CONTEXT);
  await sender.flush(10);
  sender.pause();
  const twin = (incidentId: string, number: number, seconds: number) => {
    const { change, incident } = revision(incidentId, number);
    return step(change, later(incident, seconds));
  };
  await sender.publish(revision('b'.repeat(16), 2), CONTEXT);
  for (const [id, seconds] of [
    ['a', 0],
    ['c', 60],
  ] as const) {
    await sender.publish(twin(id.repeat(16), 1, seconds), CONTEXT);
    await sender.publish(twin(id.repeat(16), 2, seconds), CONTEXT);
  }
  const told = composeEvent(twin('d'.repeat(16), 1, 1), CONTEXT);
  expect(sender.withdraw([told])).toBe(2);
  sender.resume();
  await sender.flush(10);
  const lanes = (await readEvents(server.url)).map(
    ({ event }) => `${event.subject[0]}${event.data.revision}`,
  );
  expect(lanes.sort()).toEqual(['b1', 'b2', 'c1', 'c2']);
});

test('what an earlier run left goes out, but for a blast that another process has told of under another name', async () => {
  const sender = await publisher();
  const { incident } = revision('a'.repeat(16), 1);
  const shot = (id: string, seconds: number) =>
    step('detected', later({ ...incident, incidentId: id.repeat(16) }, seconds));
  for (const left of [shot('a', 0), shot('b', 60), shot('c', 120)]) await sender.publish(left, CONTEXT);
  const told = [shot('d', 0), shot('b', 60), shot('e', 121)].map((one) => composeEvent(one, CONTEXT));
  expect(sender.withdrawTwins(told)).toBe(1);
  await sender.attach(await connected());
  await sender.flush(10);
  expect((await readEvents(server.url)).map(({ event }) => event.subject[0]).sort()).toEqual(['b', 'c']);
});
