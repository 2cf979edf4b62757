import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseService } from '../../src/config/index.js';
import { compareVersions } from '../../src/cli/doctor-check.js';
import {
  checkClock,
  checkDisk,
  checkFfmpeg,
  checkNode,
  readChrony,
  readNtpq,
  readTimedatectl,
} from '../../src/cli/doctor-machine.js';
import { checkNats } from '../../src/cli/doctor-nats.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';

let server: NatsServer;
let folder: string;
beforeAll(async () => {
  server = await startNatsServer();
  folder = await mkdtemp(join(tmpdir(), 'clameur-doctor-'));
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});
const nats = (text: string) => parseService(`nats: { ${text} }`, 'test.yaml').config.nats;

test('a server with JetStream passes, with its version and its room', async () => {
  const reports = await checkNats(nats(`servers: "${server.url}"`));
  expect(reports.map(({ check, verdict }) => [check, verdict])).toEqual([
    ['nats', 'ok'],
    ['jetstream', 'ok'],
    ['streams', 'ok'],
  ]);
  expect(reports[0].found).toMatch(/version 2\.\d+\.\d+/);
  expect(reports[2].found).toContain('not made yet');
});

test('no server there fails with its mend, and no password is shown', async () => {
  const [report] = await checkNats(nats('servers: "nats://me:hunter2@127.0.0.1:1"'));
  expect(report).toMatchObject({
    check: 'nats',
    verdict: 'fail',
    mend: expect.stringContaining('CLAMEUR_NATS_SERVERS'),
  });
  expect(JSON.stringify(report)).not.toContain('hunter2');
});

test.each([
  ['20.19.0', 'ok'],
  ['24.1.0', 'ok'],
  ['20.18.9', 'fail'],
  ['18.20.0', 'fail'],
])('Node %s: %s', async (version, verdict) => {
  expect(await checkNode(version)).toMatchObject({ verdict });
});

test.each([
  ['2.9.10', '2.9.10', 0],
  ['2.9.9', '2.9.10', -1],
  ['v2.10.0-beta', '2.9.10', 1],
  ['3', '2.9.10', 1],
])('version %s against %s: %i', (a, b, order) => {
  expect(compareVersions(a, b)).toBe(order);
});

test('a data folder is tried without a trace, and one that cannot be is told with its mend', async () => {
  expect(await checkDisk(join(folder, 'new'))).toMatchObject([
    { check: 'data', verdict: 'ok' },
    { check: 'disk' },
  ]);
  expect(await readdir(folder)).toEqual([]);
  expect(await checkDisk('/dev/null/data')).toMatchObject([
    { check: 'data', verdict: 'fail', mend: expect.stringContaining('CLAMEUR_DATA') },
  ]);
});

test('a missing ffmpeg is a warning: only streams need it', async () => {
  expect(await checkFfmpeg('no-such-ffmpeg')).toMatchObject({
    verdict: 'warn',
    mend: expect.stringContaining('apt-get install ffmpeg'),
  });
});

describe('clock discipline, from what the tools print', () => {
  const chrony = (offset: string, leap: string, stratum = '2') =>
    `C0A80101,192.168.1.1,${stratum},1700000000.0,${offset},0.000010,0.000020,1.5,0.001,0.01,0.004000,0.000500,64.2,${leap}\n`;
  test.each([
    ['chrony in step', () => readChrony(chrony('0.000100', 'Normal')), 'ok', /within 2\.60 ms/],
    ['chrony far off', () => readChrony(chrony('-0.050000', 'Normal')), 'warn', /within 52\.50 ms/],
    [
      'chrony not in step',
      () => readChrony(chrony('0', 'Not synchronised', '0')),
      'fail',
      /not synchronised/,
    ],
    [
      'ntpd in step',
      () => readNtpq('rootdisp=1.5, rootdelay=4.0, offset=-0.5, stratum=3'),
      'ok',
      /within 4\.00 ms/,
    ],
    [
      'ntpd not in step',
      () => readNtpq('rootdisp=1.5, rootdelay=4.0, offset=0, stratum=16'),
      'fail',
      /not synchronised/,
    ],
    ['systemd says yes', () => readTimedatectl('NTPSynchronized=yes\n'), 'warn', /how well is not told/],
    ['systemd says no', () => readTimedatectl('NTPSynchronized=no\n'), 'fail', /not synchronised/],
  ] as const)('%s', (_name, read, verdict, found) => {
    expect(read()).toMatchObject({ check: 'clock', verdict, found: expect.stringMatching(found) });
  });

  test('tools that are missing or print something else leave a warning with its mend', async () => {
    expect(readChrony('506 Cannot talk to daemon')).toBeUndefined();
    expect(readNtpq('ntpq: read: Connection refused')).toBeUndefined();
    expect(await checkClock([{ program: 'no-such-tool', args: [], read: readChrony }])).toMatchObject({
      verdict: 'warn',
      mend: expect.stringContaining('chrony'),
    });
  });
});
