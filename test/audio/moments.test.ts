import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import wabt from 'wabt';
import { momentsOf } from '../../src/audio/index.js';
import { MOMENTS_WASM } from '../../src/audio/moments.js';

test('the binary of the sums is what their source assembles to', async () => {
  const source = readFileSync(new URL('../../src/audio/moments.wat', import.meta.url), 'utf8');
  const assembler = await wabt();
  const { buffer } = assembler.parseWat('moments.wat', source, { simd: true }).toBinary({});
  expect(Buffer.from(buffer).toString('base64')).toBe(MOMENTS_WASM);
});

test('a stretch’s sum, squares and peak are those of its samples, wherever it begins and ends', () => {
  const sample = fc.float({ min: -1, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.array(sample, { maxLength: 40 }), fc.nat(40), fc.nat(40), (values, a, b) => {
      const [from, to] = [Math.min(a, values.length), Math.min(Math.max(a, b), values.length)];
      const part = values.slice(from, to);
      const { sum, squares, peak } = momentsOf(Float32Array.from(values), from, to, {
        sum: 9,
        squares: 9,
        peak: 9,
      });
      expect(sum).toBeCloseTo(
        part.reduce((all, x) => all + x, 0),
        10,
      );
      expect(squares).toBeCloseTo(
        part.reduce((all, x) => all + x * x, 0),
        10,
      );
      expect(peak).toBe(Math.max(0, ...part.map(Math.abs)));
    }),
  );
});

test('more than a piece of sound is summed whole', () => {
  const long = Float32Array.from({ length: 40_001 }, (_, i) => (i === 39_999 ? -0.75 : 0.25));
  expect(momentsOf(long, 1, long.length, { sum: 0, squares: 0, peak: 0 })).toEqual({
    sum: 39_999 * 0.25 - 0.75,
    squares: 39_999 * 0.0625 + 0.5625,
    peak: 0.75,
  });
});
