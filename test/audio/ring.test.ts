import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SoundRing } from '../../src/audio/index.js';

const ramp = (from: number, count: number) => Float32Array.from({ length: count }, (_, i) => from + i);
const TEN_MS = 10_000_000n;

describe('the ring of a pole’s sound', () => {
  test('holds no more than 4 s, whatever it is asked', () => {
    expect(() => new SoundRing(4.1)).toThrow(RangeError);
    const ring = new SoundRing();
    ring.append(new Float32Array(100_000), 0n);
    expect(ring.endIndex - ring.startIndex).toBe(64_000);
  });

  test('gives back any span it holds, and none that it does not, however blocks fall', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 250 }), { minLength: 1, maxLength: 30 }), (lengths) => {
        const ring = new SoundRing(0.01);
        let end = 0;
        for (const length of lengths) {
          ring.append(ramp(end, length), BigInt(end) * 62_500n);
          end += length;
        }
        const start = Math.max(0, end - 160);
        expect([ring.startIndex, ring.endIndex]).toEqual([start, end]);
        const all = new Float32Array(end - start);
        expect(ring.read(start, all)).toBe(true);
        expect(all).toEqual(ramp(start, end - start));
        expect(ring.read(start - 1, new Float32Array(2))).toBe(false);
        expect(ring.read(end, new Float32Array(1))).toBe(false);
        expect(ring.timeOf(start)).toBe(BigInt(start) * 62_500n);
        expect(ring.indexOf(BigInt(end) * 62_500n)).toBe(end);
      }),
    );
  });

  test('follows a clock that drifts by 50 ppm: samples stay whole, only their times move', () => {
    const ring = new SoundRing();
    const driftNanos = 500n;
    for (let k = 0n; k < 1000n; k++)
      ring.append(ramp(Number(k) * 160, 160), 1_000n + k * (TEN_MS + driftNanos));
    const index = 999 * 160 + 80;
    expect(ring.timeOf(index)).toBe(1_000n + 999n * (TEN_MS + driftNanos) + TEN_MS / 2n);
    expect(ring.indexOf(ring.timeOf(index))).toBe(index);
    expect(ring.timeOf(998 * 160)).toBe(1_000n + 998n * (TEN_MS + driftNanos));
    const across = new Float32Array(320);
    expect(ring.read(998 * 160, across)).toBe(true);
    expect(across).toEqual(ramp(998 * 160, 320));
  });

  test('keeps the samples as they were when the caller changes its array afterwards', () => {
    const ring = new SoundRing();
    const block = ramp(1, 4);
    ring.append(block, 0n);
    block.fill(9);
    const read = new Float32Array(4);
    ring.read(0, read);
    expect(read).toEqual(ramp(1, 4));
    read.fill(9);
    ring.read(0, read);
    expect(read).toEqual(ramp(1, 4));
  });

  test('leaves no sample in memory once wiped', () => {
    const memory = new Float32Array(16_000);
    const ring = new SoundRing(1, memory);
    ring.append(ramp(1, 20_000), 5n);
    expect(memory.some((v) => v !== 0)).toBe(true);
    ring.zero();
    expect(memory.every((v) => v === 0)).toBe(true);
    expect(ring.endIndex).toBe(0);
    expect(() => ring.timeOf(0)).toThrow('no sound');
  });
});
