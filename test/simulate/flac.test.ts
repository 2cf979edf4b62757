import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openRecording } from '../../src/feeds/index.js';
import { encodeFlac } from '../../src/simulate/flac.js';
import { Random } from '../../src/simulate/random.js';

const random = new Random('flac');
const cases: [string, Int16Array][] = [
  ['noise at full scale', Int16Array.from({ length: 20_000 }, () => random.int(-32_768, 32_767))],
  ['silence', new Int16Array(5000)],
  ['one sample', Int16Array.of(-32_768)],
  ['a ramp', Int16Array.from({ length: 9001 }, (_, i) => i)],
];

test.each(cases)('%s comes back from FLAC sample for sample', async (_name, pcm) => {
  const folder = await mkdtemp(join(tmpdir(), 'flac-'));
  try {
    const bytes = await encodeFlac(pcm, 16_000);
    await writeFile(join(folder, 'x.flac'), bytes);
    const recording = await openRecording(join(folder, 'x.flac'));
    expect(recording.sampleRateHz).toBe(16_000);
    const decoded: number[] = [];
    for await (const [channel] of recording.pieces()) decoded.push(...channel);
    expect(decoded.map((value) => Math.round(value * 32_768))).toEqual([...pcm]);
    // STREAMINFO's checksum, which `flac -t` verifies.
    const sum = createHash('md5').update(Buffer.from(pcm.buffer)).digest('hex');
    expect(Buffer.from(bytes.subarray(26, 42)).toString('hex')).toBe(sum);
  } finally {
    await rm(folder, { recursive: true });
  }
});
