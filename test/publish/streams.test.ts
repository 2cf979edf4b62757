import { connect, nanos, type NatsConnection } from 'nats';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parseService } from '../../src/config/index.js';
import { connectNats, ensureStreams } from '../../src/publish/index.js';
import { subjectsOverlap } from '../../src/publish/subjects.js';
import { Metrics, silentLogger } from '../../src/telemetry/index.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';

let server: NatsServer;
let nc: NatsConnection;
const log = silentLogger();
beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  nc = await connect({ servers: server.url });
});
afterEach(async () => {
  const manager = await nc.jetstreamManager();
  for (const name of await manager.streams.names().next()) await manager.streams.delete(name);
  await nc.close();
});

test('the streams are made with the limits of design.md', async () => {
  const reports = await ensureStreams(nc, { log });
  expect(reports.every(({ made, differences }) => made && differences.length === 0)).toBe(true);
  const manager = await nc.jetstreamManager();
  const day = 24 * 3600 * 1000;
  const info = async (name: string) => (await manager.streams.info(name)).config;
  expect(await info('EVENTS')).toMatchObject({
    subjects: ['events.>'],
    storage: 'file',
    retention: 'limits',
    max_age: nanos(10 * day),
    duplicate_window: nanos(day),
  });
  expect(await info('DETECTIONS')).toMatchObject({
    subjects: ['detections.>'],
    storage: 'memory',
    max_age: nanos(600_000),
    max_bytes: 256 * 1024 * 1024,
  });
  const year = { storage: 'file', max_age: nanos(365 * day) };
  expect(await info('VERDICTS')).toMatchObject({ ...year, subjects: ['reviews.>'] });
  expect(await info('FIGURES')).toMatchObject({ ...year, subjects: ['figures.>'] });
  expect(await info('AUDIT')).toMatchObject({
    ...year,
    subjects: ['audit.>'],
    deny_delete: true,
    deny_purge: true,
  });
});

test('made again they are found as they are; two services that start at once do not trip over each other', async () => {
  await Promise.all([ensureStreams(nc, { log }), ensureStreams(nc, { log })]);
  const again = await ensureStreams(nc, { log });
  expect(again).toEqual(
    ['EVENTS', 'DETECTIONS', 'VERDICTS', 'FIGURES', 'AUDIT'].map((stream) => ({
      stream,
      made: false,
      differences: [],
    })),
  );
});

test('one with other limits is left as it is, told with the command that mends it, and counted', async () => {
  const manager = await nc.jetstreamManager();
  await manager.streams.add({
    name: 'EVENTS',
    subjects: ['events.>'],
    max_age: nanos(3_600_000),
    duplicate_window: nanos(120_000),
  });
  const metrics = new Metrics([], { processMetrics: false });
  const [events] = await ensureStreams(nc, { log, counters: metrics });
  expect(events.differences).toEqual([
    expect.stringMatching(
      /EVENTS has max_age 3600s instead of 864000s; .*nats stream edit EVENTS --max-age=864000s/,
    ),
    expect.stringMatching(/duplicate_window 120s instead of 86400s; .*--dupe-window=86400s/),
  ]);
  expect((await manager.streams.info('EVENTS')).config.max_age).toBe(nanos(3_600_000));
  expect(await metrics.registry.metrics()).toContain('clameur_stream_problems_total{stream="EVENTS"} 2');
});

test.each([['audio.>'], ['audio.vieux-port.*'], ['*.vieux-port.quai-1'], ['exercise.>'], ['>']])(
  'a stream that would store sound (%s) stops the start',
  async (subject) => {
    const manager = await nc.jetstreamManager();
    await manager.streams.add({ name: 'GREEDY', subjects: [subject], no_ack: true });
    await expect(ensureStreams(nc, { log })).rejects.toMatchObject({
      code: 'SOUND_STORED',
      message: expect.stringContaining(`Stream GREEDY stores ${subject}`),
    });
    expect(await manager.streams.names().next()).toEqual(['GREEDY']);
  },
);

test('a server without JetStream is told as such', async () => {
  const { spawn } = await import('node:child_process');
  const child = spawn('nats-server', ['-a', '127.0.0.1', '-p', '-1'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  try {
    const port = await new Promise<string>((resolve) => {
      let said = '';
      child.stderr.on('data', (more: Buffer) => {
        said += more.toString();
        const found = /client connections on [^\s]*:(\d+)/.exec(said);
        if (found) resolve(found[1]);
      });
    });
    const bare = await connect({ servers: `127.0.0.1:${port}` });
    await expect(ensureStreams(bare, { log })).rejects.toMatchObject({ code: 'JETSTREAM_OFF' });
    await bare.close();
  } finally {
    child.kill('SIGKILL');
  }
});

test('credentials that are not there name the key to mend', async () => {
  const { nats } = parseService('nats: { credentials: none.creds }', '/nowhere/clameur.yaml').config;
  await expect(connectNats(nats)).rejects.toMatchObject({
    code: 'NATS_CREDENTIALS',
    message: expect.stringMatching(/\/nowhere\/none\.creds .*Mend nats\.credentials/),
  });
});

describe('two subject patterns overlap exactly where one subject matches both', () => {
  test.each([
    ['audio.>', 'audio.a.b', true],
    ['audio.>', 'audio', false],
    ['audio.*', 'audio.a.b', false],
    ['*.a.>', 'audio.>', true],
    ['audio.*.b', '*.a.*', true],
    ['audio.a', 'audio.b', false],
    ['>', 'audio.>', true],
    ['events.>', 'audio.>', false],
  ])('%s and %s: %s', (a, b, overlap) => {
    expect(subjectsOverlap(a, b)).toBe(overlap);
    expect(subjectsOverlap(b, a)).toBe(overlap);
  });

  test('as trying every short subject says', () => {
    const matches = (pattern: string, subject: string): boolean =>
      new RegExp(`^${pattern.replaceAll('.', '\\.').replace('>', '[ab.]+').replaceAll('*', '[ab]')}$`).test(
        subject,
      );
    const subjects = ['a', 'b'].flatMap((x) => [
      x,
      ...['a', 'b'].flatMap((y) => [`${x}.${y}`, ...['a', 'b'].map((z) => `${x}.${y}.${z}`)]),
    ]);
    const part = fc.constantFrom('a', 'b', '*');
    const pattern = fc
      .tuple(fc.array(part, { maxLength: 2 }), fc.oneof(part, fc.constant('>')))
      .map(([head, last]) => [...head, last].join('.'));
    fc.assert(
      fc.property(pattern, pattern, (a, b) => {
        expect(subjectsOverlap(a, b)).toBe(
          subjects.some((subject) => matches(a, subject) && matches(b, subject)),
        );
      }),
    );
  });
});
