import fc from 'fast-check';
import { expect, test } from 'vitest';
import { momentsOf } from '../../src/audio/index.js';

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
