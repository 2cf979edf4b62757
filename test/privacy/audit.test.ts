import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type NatsConnection } from 'nats';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AuditLog, readAuditHead, readAuditLines, verifyAudit } from '../../src/privacy/index.js';
import { ensureStreams } from '../../src/publish/index.js';
import { silentLogger } from '../../src/telemetry/index.js';
import { until } from '../publish/hub.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';

const SITE = 'vieux-port';
const YEAR_MILLIS = 365 * 86_400_000;
const log = silentLogger();
let server: NatsServer;
let nc: NatsConnection;
let dataFolder: string;

beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'clameur-audit-'));
  nc = await connect({ servers: server.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  await ensureStreams(nc, { log });
});
afterEach(async () => {
  await (await nc.jetstreamManager()).streams.delete('AUDIT');
  await nc.close();
  await rm(dataFolder, { recursive: true, force: true });
});

const open = (folder = dataFolder) => AuditLog.open({ site: SITE, dataFolder: folder, log });

/** A log of so many notes in the stream, and what is needed to check it. */
async function written(count: number) {
  const audit = await open();
  audit.attach(nc);
  for (let i = 0; i < count; i++) await audit.note('verdict', { incidentId: `id-${i}` });
  expect(await audit.flush(20_000)).toBe(0);
  const head = (await readAuditHead(dataFolder))!;
  return { audit, head, lines: await readAuditLines(nc, SITE) };
}

const check = (lines: readonly string[], trustedKeys: string[], more: object = {}) =>
  verifyAudit(lines, { trustedKeys, keptMillis: YEAR_MILLIS, nowMillis: Date.now(), ...more });

test('records are chained, signed, numbered without a gap, and the whole is found whole', async () => {
  const { audit, head, lines } = await written(5);
  const verdict = check(lines, [audit.publicKey], { head });
  expect(verdict).toMatchObject({ ok: true, records: 5, faults: [], last: head, keys: [audit.publicKey] });
  expect((await stat(join(dataFolder, 'audit-key.pem'))).mode & 0o077).toBe(0);
});

test('JetStream lets nobody delete a record or purge the stream', async () => {
  await written(2);
  const { streams } = await nc.jetstreamManager();
  await expect(streams.deleteMessage('AUDIT', 1)).rejects.toThrow();
  await expect(streams.purge('AUDIT')).rejects.toThrow();
  expect(await readAuditLines(nc, SITE)).toHaveLength(2);
});

describe('tampering is found', () => {
  type Lines = string[];
  const edit = (line: string, change: (record: Record<string, unknown>) => void): string => {
    const record = JSON.parse(line) as Record<string, unknown>;
    change(record);
    return JSON.stringify(record);
  };
  test.each<[string, (lines: Lines) => Lines, string]>([
    ['a word changed', (l) => l.with(2, l[2].replace('id-2', 'id-9')), 'changed'],
    [
      'a time changed',
      (l) =>
        l.with(
          2,
          edit(l[2], (r) => (r['at'] = '2026-01-01T00:00:00.000Z')),
        ),
      'changed',
    ],
    [
      'a signature changed',
      (l) =>
        l.with(
          3,
          edit(l[3], (r) => (r['signature'] = Buffer.alloc(64).toString('base64'))),
        ),
      'changed',
    ],
    ['a record taken out', (l) => l.toSpliced(2, 1), 'gap'],
    ['two records exchanged', (l) => l.with(1, l[2]).with(2, l[1]), 'order'],
    ['a record twice', (l) => l.toSpliced(2, 0, l[1]), 'order'],
    ['the beginning cut off', (l) => l.slice(2), 'beginning'],
    ['the end cut off', (l) => l.slice(0, -1), 'end'],
    ['everything gone', () => [], 'end'],
    ['a line that is none', (l) => l.toSpliced(2, 0, '{"n":3}'), 'unreadable'],
    [
      'a field added',
      (l) =>
        l.with(
          1,
          edit(l[1], (r) => (r['note'] = 'x')),
        ),
      'unreadable',
    ],
  ])('%s', async (_what, tamper, fault) => {
    const { audit, head, lines } = await written(5);
    const verdict = check(tamper(lines), [audit.publicKey], { head });
    expect(verdict.ok).toBe(false);
    expect(verdict.faults.map((one) => one.fault)).toContain(fault);
  });

  test('its last record changed, by the signature alone where nobody knows how far it went', async () => {
    const { audit, lines } = await written(3);
    const faultsOf = (changed: string) =>
      check(lines.with(2, changed), [audit.publicKey]).faults.map(({ fault }) => fault);
    expect(faultsOf(lines[2])).toEqual([]);
    expect(faultsOf(lines[2].replace('id-2', 'id-9'))).toEqual(['changed']);
    const { signature: another } = JSON.parse(lines[1]) as { signature: string };
    expect(faultsOf(edit(lines[2], (r) => (r['signature'] = another)))).toEqual(['changed']);
  });

  test('a whole chain made anew by somebody with another key', async () => {
    const { audit, head } = await written(3);
    await (await nc.jetstreamManager()).streams.delete('AUDIT');
    await ensureStreams(nc, { log });
    const elsewhere = await mkdtemp(join(tmpdir(), 'clameur-audit-'));
    const forger = await open(elsewhere);
    forger.attach(nc);
    for (let i = 0; i < 3; i++) await forger.note('verdict', { incidentId: `id-${i}` });
    expect(await forger.flush(20_000)).toBe(0);
    await rm(elsewhere, { recursive: true });
    const faults = check(await readAuditLines(nc, SITE), [audit.publicKey], { head }).faults;
    expect(faults.map(({ fault }) => fault)).toEqual(expect.arrayContaining(['key', 'changed']));
  });

  test('any byte changed anywhere', async () => {
    const { audit, head, lines } = await written(3);
    fc.assert(
      fc.property(fc.nat(2), fc.nat(), fc.integer({ min: 1, max: 94 }), (line, place, by) => {
        const text = lines[line];
        const at = place % text.length;
        const other = String.fromCharCode(((text.charCodeAt(at) - 32 + by) % 95) + 32);
        const changed = lines.with(line, text.slice(0, at) + other + text.slice(at + 1));
        return !check(changed, [audit.publicKey], { head }).ok;
      }),
      { numRuns: 300 },
    );
  });
});

test('a beginning that has expired is no fault', async () => {
  const { audit, lines } = await written(4);
  const later = { nowMillis: Date.now() + YEAR_MILLIS + 1000 };
  expect(check(lines.slice(2), [audit.publicKey], later).ok).toBe(true);
});

test('two processes that write at once make one chain', async () => {
  const elsewhere = await mkdtemp(join(tmpdir(), 'clameur-audit-'));
  const [one, other] = [await open(), await open(elsewhere)];
  one.attach(nc);
  other.attach(nc);
  await Promise.all(
    Array.from({ length: 20 }, (_, i) => (i % 2 ? one : other).note('exercise', { incidentId: String(i) })),
  );
  await until('all is written', async () => (await one.flush(5000)) + (await other.flush(5000)) === 0);
  await rm(elsewhere, { recursive: true });
  const verdict = check(await readAuditLines(nc, SITE), [one.publicKey, other.publicKey]);
  expect(verdict).toMatchObject({ ok: true, records: 20 });
});

test('what is noted while NATS is away, and before a kill, is in the log of the next process, once', async () => {
  const before = await open();
  before.attach(nc);
  await before.note('start');
  expect(await before.flush(20_000)).toBe(0);
  await server.kill();
  await before.note('verdict', { incidentId: 'in-the-dark' });
  expect(JSON.parse(await readFile(join(dataFolder, 'audit-pending.json'), 'utf8'))).toHaveLength(1);
  before.close();
  await server.restart();
  await until('the connection is back', () =>
    nc.flush().then(
      () => true,
      () => false,
    ),
  );
  const after = await open();
  after.attach(nc);
  await after.note('start');
  await until('all is written', async () => (await after.flush(5000)) === 0);
  const lines = await readAuditLines(nc, SITE);
  expect(lines.map((line) => (JSON.parse(line) as { kind: string }).kind)).toEqual([
    'start',
    'verdict',
    'start',
  ]);
  expect(check(lines, [after.publicKey]).ok).toBe(true);
});

test('a stream that was deleted and made anew is noted as broken by the process that knows better', async () => {
  await written(4);
  await (await nc.jetstreamManager()).streams.delete('AUDIT');
  await ensureStreams(nc, { log });
  const after = await open();
  after.attach(nc);
  await after.note('start');
  await until('all is written', async () => (await after.flush(5000)) === 0);
  const records = (await readAuditLines(nc, SITE)).map(
    (line) => JSON.parse(line) as { kind: string; details: object },
  );
  expect(records.at(-1)).toMatchObject({ kind: 'broken', details: { wrote: 4, found: 0 } });
});

test('a foreign line in the stream is told of, and does not end the log', async () => {
  const { audit } = await written(2);
  await nc.jetstream().publish(`audit.${SITE}`, 'not a record');
  await audit.note('stop', {});
  await until('the next record', async () => (await readAuditLines(nc, SITE)).length === 4);
  audit.close();
  const { ok, records, faults } = check(await readAuditLines(nc, SITE), [audit.publicKey]);
  expect({ ok, lines: records, faults: faults.length }).toEqual({ ok: false, lines: 4, faults: 1 });
});
