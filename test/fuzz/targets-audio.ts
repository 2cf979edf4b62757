import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { openRecording } from '../../src/feeds/index.js';
import { encoderDelay } from '../../src/feeds/mp3-delay.js';
import { endsProperly } from '../../src/feeds/ogg-end.js';
import { readWavLayout } from '../../src/feeds/wav.js';
import { unpack } from '../../src/server/replay/unpack.js';
import { tarOf, zipOf } from '../server/archives.js';
import { damaged } from './arbitraries.js';
import { refusingLater, root, target, type Target } from './target.js';

const audio = ['click.ogg', 'click.mp3', 'click.flac', 'click-22050.mp3'].map((name) =>
  readFileSync(join(root, 'test/feeds/audio', name)),
);
const files = [
  ['scene/scene.json', Buffer.from('{}')],
  ['scene/site.geojson', Buffer.from('{}')],
  ['scene/a.wav', wav()],
] as const;
const archives = [zipOf(files), tarOf(files), gzipSync(tarOf(files)), zipOf([['a.wav', wav()]])];

/** Recordings that somebody brings, and what they are packed in. */
export async function audioTargets(): Promise<Target[]> {
  return [
    target('WAV headers', 0.04, damaged([wav()]), (bytes) => {
      const layout = readWavLayout(bytes);
      return !layout || (layout.bytesPerFrame > 0 && layout.sampleRateHz >= 0);
    }),
    target('MP3 delay and Ogg ends', 0.02, damaged(audio.map((one) => one.subarray(0, 400))), (bytes) => {
      encoderDelay(bytes);
      endsProperly(bytes);
    }),
    // Damage falls on the heads: what is behind them is cut off.
    target(
      'FLAC, Ogg and MP3 headers',
      0.03,
      damaged(audio.map((one) => one.subarray(0, 1200))),
      async (bytes) => {
        await refusingLater(async () => {
          const { sampleRateHz, channelCount } = await openRecording('fuzz', bytes);
          if (!(sampleRateHz >= 8_000 && channelCount >= 1)) throw new Error('a recording of no shape');
        });
      },
    ),
    target('uploads', 0.03, damaged([...archives, wav(), audio[0]]), (bytes) =>
      refusingLater(async () => {
        for (const path of (await unpack('fuzz', Buffer.from(bytes))).keys())
          if (path.split('/').includes('..')) throw new Error(`a path that leads out: ${path}`);
      }),
    ),
    await recordings(),
  ];
}

/** Whole files through the decoder. Slow, so few of them. */
async function recordings(): Promise<Target> {
  const folder = await mkdtemp(join(tmpdir(), 'clameur-fuzz-'));
  return target(
    'recordings',
    0.0005,
    fc.tuple(damaged([wav(), ...audio]), fc.constantFrom('wav', 'flac', 'ogg', 'mp3')),
    async ([bytes, kind]) => {
      const path = join(folder, `fuzz.${kind}`);
      await writeFile(path, bytes);
      await refusingLater(async () => {
        const recording = await openRecording(path);
        for await (const [first] of recording.pieces())
          if (!first.every(Number.isFinite)) throw new Error('a sample that is no number');
      });
    },
    () => rm(folder, { recursive: true, force: true }),
  );
}

function wav(): Buffer {
  const bytes = Buffer.alloc(44 + 640);
  bytes.write('RIFF', 0, 'latin1');
  bytes.writeUInt32LE(36 + 640, 4);
  bytes.write('WAVEfmt ', 8, 'latin1');
  for (const [at, value] of [
    [16, 16],
    [24, 16_000],
    [28, 32_000],
  ] as const)
    bytes.writeUInt32LE(value, at);
  for (const [at, value] of [
    [20, 1],
    [22, 1],
    [32, 2],
    [34, 16],
  ] as const)
    bytes.writeUInt16LE(value, at);
  bytes.write('data', 36, 'latin1');
  bytes.writeUInt32LE(640, 40);
  return bytes;
}
