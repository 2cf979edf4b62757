import fc from 'fast-check';
import { expect, test } from 'vitest';
import { peak } from '../../src/simulate/filters.js';
import { levelOf, pascalOf } from '../../src/simulate/level.js';
import { Random } from '../../src/simulate/random.js';
import { addFriedlander, addNWave } from '../../src/simulate/sources/blast.js';
import { SOURCE_RATE_HZ, synthesise } from '../../src/simulate/sources/index.js';

const sum = (samples: Float32Array, to = samples.length) =>
  samples.subarray(0, to).reduce((a, b) => a + b, 0);

test('a blast’s positive phase carries the impulse P·τ/e of Friedlander’s wave, wherever its front lies', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 3, max: 5, noNaN: true }),
      fc.double({ min: 0.0005, max: 0.01, noNaN: true }),
      (front, tau) => {
        const samples = new Float32Array(20_000);
        addFriedlander(samples, front, 100, tau);
        const zero = Math.round(front + tau * SOURCE_RATE_HZ);
        // The sample at the zero crossing is the only one shared by both phases.
        const edge = Math.abs(samples[zero]) + Math.abs(samples[zero - 1]);
        expect(Math.abs(sum(samples, zero) - (100 * tau * SOURCE_RATE_HZ) / Math.E)).toBeLessThan(edge + 0.1);
        expect(Math.abs(sum(samples))).toBeLessThan(0.02 * 100 * tau * SOURCE_RATE_HZ);
      },
    ),
    { numRuns: 50 },
  );
});

test('a bullet’s N-wave begins at +P, ends at −P and leaves no pressure behind', () => {
  const samples = new Float32Array(200);
  addNWave(samples, 50, 10, 0.001);
  expect(samples[51]).toBeGreaterThan(9);
  expect(samples[97]).toBeLessThan(-9);
  expect(Math.abs(sum(samples))).toBeLessThan(0.01);
});

test.each([
  [1, false],
  [3, false],
  [20, true],
] as const)('a gun told to fire %i rounds (automatic: %s) fires so many, in order', (shots, automatic) => {
  const { samples, onsetsSeconds } = synthesise('gunshot', new Random('test'), {
    shots,
    automatic,
    gun: 'rifle',
  });
  expect(onsetsSeconds).toHaveLength(shots);
  const gaps = onsetsSeconds.slice(1).map((time, i) => time - onsetsSeconds[i]);
  for (const gap of gaps) {
    if (automatic) expect(1 / gap).toSatisfy((rate: number) => rate > 7.5 && rate < 14.6);
    else expect(gap).toBeGreaterThan(0.2);
  }
  for (const onset of onsetsSeconds) {
    const at = Math.round(onset * SOURCE_RATE_HZ);
    const before = peak(samples.subarray(at - 48, at - 2));
    const after = peak(samples.subarray(at, at + 48));
    expect(after).toBeGreaterThan(5 * before);
  }
});

test('a level asked for is the peak level at 1 m', () => {
  const { samples } = synthesise('gunshot', new Random('level'), { peakDbSpl: 150 });
  // A shot varies by 0.7 dB, and its second pulse and gas add to the front.
  expect(Math.abs(levelOf(peak(samples)) - 150)).toBeLessThan(2.5);
  expect(levelOf(pascalOf(93.98))).toBeCloseTo(93.98, 6);
});
