import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'nats';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeFrame } from '../../src/audio/index.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { clameur } from '../support/service.js';

/** ALSA's own settings; libasound2-data brings them. Without them a made-up sound card cannot be described. */
const ALSA = '/usr/share/alsa/alsa.conf';
let nats: NatsServer;
let folder: string;

beforeAll(async () => {
  nats = await startNatsServer();
  folder = await mkdtemp(join(tmpdir(), 'clameur-microphone-'));
});
afterAll(async () => {
  await nats?.close();
  await rm(folder, { recursive: true, force: true });
});

test('a microphone is sent as a pole’s frames: in order, without holes, with an honest doubt about their time', async ({
  skip,
}) => {
  if (!existsSync(ALSA))
    skip(`${ALSA} is not there: no sound card can be made up (apt-get install libasound2-data)`);
  const config = join(folder, 'asound.conf');
  const raw = join(folder, 'in.raw');
  // A sound card whose microphone reads a file: the real driver, no hardware.
  await writeFile(raw, Buffer.alloc(48_000 * 4 * 60));
  await writeFile(
    config,
    `<${ALSA}>\npcm.!default { type file slave.pcm "null" file "/dev/null" infile "${raw}" format "raw" }\n`,
  );
  const hub = await connect({ servers: nats.url });
  const frames: Array<Exclude<ReturnType<typeof decodeFrame>, string>> = [];
  hub.subscribe('audio.vieux-port.belges', {
    callback: (_error, { data }) => {
      const frame = decodeFrame(data);
      if (typeof frame !== 'string') frames.push(frame);
    },
  });
  await hub.flush();
  const args = [
    'feed',
    'microphone',
    '--to',
    nats.url,
    '--site',
    'fixtures/site.geojson',
    '--pole',
    'belges',
    '--seconds',
    '5',
    '--json',
  ];
  const { code, stdout, stderr } = await clameur(args, { ALSA_CONFIG_PATH: config });
  expect(code, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ site: 'vieux-port', poles: ['belges'] });
  await hub.close();
  expect(frames.length).toBeGreaterThan(3);
  expect(frames.map(({ sequence }) => sequence)).toEqual(frames.map((_, i) => i));
  for (const { clockUncertaintySeconds, channels } of frames) {
    expect(channels).toBe(1);
    expect(clockUncertaintySeconds).toBeCloseTo(0.05);
  }
});

test('it is told which pole it stands in for', async () => {
  const { code, stderr } = await clameur(['feed', 'microphone', '--to', nats.url]);
  expect([code, stderr]).toEqual([2, expect.stringContaining('needs --site and --pole')]);
});
