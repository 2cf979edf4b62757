import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { feedCommand } from '../../src/cli/feed.js';
import { simulateCommand } from '../../src/cli/simulate.js';
import { openRecording, readScene } from '../../src/feeds/index.js';
import { wavFile } from '../support/wav.js';
import { writeFile } from 'node:fs/promises';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'simulate-'));
});
afterAll(() => rm(folder, { recursive: true }));

const simulate = (...args: string[]) =>
  simulateCommand()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .parseAsync(['--site', 'fixtures/site.geojson', ...args], { from: 'user' });

test('simulate writes a scene that replay reads, at the rate asked for', async () => {
  const out = join(folder, 'shots');
  await simulate(
    '--source',
    'gunshot',
    '--shots',
    '2',
    '--at',
    '5.3735,43.2947',
    '--seconds',
    '3',
    '--rate',
    '8000',
    '--out',
    out,
  );
  const scene = await readScene(out);
  expect(scene.truth).toMatchObject([{ class: 'gunshot', shots: 2, location: [5.3735, 43.2947] }]);
  expect(scene.recordings).toHaveLength(8);
  const recording = await openRecording(scene.recordings[0].file);
  expect([recording.sampleRateHz, recording.durationSeconds]).toEqual([8000, 3]);
});

test('a recording is a source too: it arrives at each pole after its travel time', async () => {
  const click = Array.from({ length: 4410 }, (_, i) => (i === 0 ? 0.9 : 0));
  await writeFile(join(folder, 'click.wav'), wavFile(44_100, [click, click]));
  const out = join(folder, 'click');
  await simulate(
    ...['--source', join(folder, 'click.wav'), '--at', '5.3745,43.2950', '--level', '150', '--seconds', '4'],
    ...[
      '--no-echoes',
      '--clock-error',
      '0',
      '--weather',
      'temperatureC=20,relativeHumidity=50',
      '--out',
      out,
    ],
  );
  const scene = await readScene(out);
  const { file } = scene.recordings.find(({ pole }) => pole === 'belges')!;
  const [channel] = (await (await openRecording(file)).pieces().next()).value!;
  const loudest = channel.reduce(
    (best: number, value: number, i: number) => (Math.abs(value) > Math.abs(channel[best]) ? i : best),
    0,
  );
  // 55.6 m to the north at 343.99 m/s, 2 s after the scene began.
  expect(loudest / 16_000).toBeCloseTo(2 + 55.56 / 343.99, 3);
});

test('--coverage writes a map and a picture', async () => {
  await simulate('--coverage', '--level', '140', '--out', join(folder, 'maps/map'));
  const map = JSON.parse(await readFile(join(folder, 'maps/map.geojson'), 'utf8')) as { features: unknown[] };
  expect(map.features.length).toBeGreaterThan(1000);
  const png = await readFile(join(folder, 'maps/map.png'));
  expect(png.subarray(1, 4).toString()).toBe('PNG');
});

test.each([
  ['no place', ['--source', 'gunshot'], /--at is missing/],
  ['no source', ['--at', '5,43'], /--source is missing/],
  [
    'a source that is neither kind nor file',
    ['--source', 'trumpet', '--at', '5,43'],
    /neither a file nor a kind.*gunshot/,
  ],
  ['a place that is none', ['--source', 'gunshot', '--at', 'Marseille'], /lon,lat/],
  ['weather with an unknown key', ['--source', 'rain', '--at', '5,43', '--weather', 'wind=5'], /windSpeed/],
  ['a map without a level', ['--coverage'], /--level is missing/],
])('simulate with %s says what is wrong', async (_name, args, message) => {
  await expect(simulate(...args, '--out', join(folder, 'never'))).rejects.toThrow(message);
});

test.each([
  [
    'a server that is not there',
    ['fixtures/positive/shot-heard-by-few', '--to', 'nats://127.0.0.1:1'],
    /NATS server nats:\/\/127.0.0.1:1 cannot be reached/,
  ],
  [
    'a pole that the scene does not have',
    ['fixtures/positive/shot-heard-by-few', '--to', 'nats://127.0.0.1:1', '--pole', 'nowhere'],
    /no recording of pole "nowhere"/,
  ],
])('feed to %s says what is wrong', async (_name, args, message) => {
  await expect(feedCommand().exitOverride().parseAsync(args, { from: 'user' })).rejects.toThrow(message);
});
