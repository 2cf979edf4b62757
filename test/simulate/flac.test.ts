import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openRecording } from '../../src/feeds/index.js';
import { encodeFlac } from '../../src/simulate/flac.js';
import { Random } from '../../src/simulate/random.js';

const random = new Random('flac');
const noise = () => Int16Array.from({ length: 20_000 }, () => random.int(-32_768, 32_767));
const cases: [string, Int16Array[]][] = [
  ['noise at full scale', [noise()]],
  ['silence', [new Int16Array(5000)]],
  ['one sample', [Int16Array.of(-32_768)]],
  ['a ramp', [Int16Array.from({ length: 9001 }, (_, i) => i)]],
  ['three channels', [noise(), noise(), noise()]],
];

test.each(cases)('%s comes back from FLAC sample for sample', async (_name, channels) => {
  const folder = await mkdtemp(join(tmpdir(), 'flac-'));
  try {
    const bytes = await encodeFlac(channels, 16_000);
    await writeFile(join(folder, 'x.flac'), bytes);
    const recording = await openRecording(join(folder, 'x.flac'));
    expect(recording.sampleRateHz).toBe(16_000);
    const decoded = (await recording.pieces().next()).value!;
    expect(
      decoded.map((channel: Float32Array) => Int16Array.from(channel, (value) => Math.round(value * 32_768))),
    ).toEqual(channels);
    // STREAMINFO's checksum, which `flac -t` verifies.
    const interleaved = Int16Array.from({ length: channels.length * channels[0].length }, (_, i) => {
      return channels[i % channels.length][Math.floor(i / channels.length)];
    });
    const sum = createHash('md5').update(Buffer.from(interleaved.buffer)).digest('hex');
    expect(Buffer.from(bytes.subarray(26, 42)).toString('hex')).toBe(sum);
  } finally {
    await rm(folder, { recursive: true });
  }
});
