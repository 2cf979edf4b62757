import { expect, test } from 'vitest';
import { peak, rms } from '../../src/simulate/filters.js';
import { levelOf } from '../../src/simulate/level.js';
import { Random } from '../../src/simulate/random.js';
import { SOURCE_KINDS, SOURCE_RATE_HZ, synthesise } from '../../src/simulate/sources/index.js';

const short = { seconds: 1.5, voices: 3 };

test.each(SOURCE_KINDS)(
  '%s: the same seed gives the same samples, another seed others, all of them finite',
  (kind) => {
    const one = synthesise(kind, new Random('a'), short).samples;
    const same = synthesise(kind, new Random('a'), short).samples;
    const other = synthesise(kind, new Random('b'), short).samples;
    expect(one.every(Number.isFinite)).toBe(true);
    expect(Buffer.from(one.buffer).equals(Buffer.from(same.buffer))).toBe(true);
    expect(Buffer.from(one.buffer).equals(Buffer.from(other.buffer))).toBe(false);
  },
);

test('only blasts have fronts: a crowd, a door or fireworks leave nothing to locate by', () => {
  const withFronts = SOURCE_KINDS.filter(
    (kind) => synthesise(kind, new Random('fronts'), short).onsetsSeconds.length > 0,
  );
  expect(withFronts).toEqual(['gunshot', 'explosion']);
});

test('an explosion outlasts and outdeepens a shot', () => {
  const below = (kind: 'gunshot' | 'explosion') => {
    const { samples, onsetsSeconds } = synthesise(kind, new Random('deep'), { peakDbSpl: 150 });
    const at = Math.round(onsetsSeconds[0] * SOURCE_RATE_HZ);
    // Impulse of the first positive phase, Pa·s: what a low-pass leaves of the front.
    const end = samples.findIndex((value, i) => i > at + 3 && value < 0);
    return samples.subarray(at, end).reduce((a, b) => a + b, 0) / SOURCE_RATE_HZ;
  };
  expect(below('explosion')).toBeGreaterThan(5 * below('gunshot'));
});

test('a crowd is a lasting sound at the level asked for', () => {
  const { samples } = synthesise('crowd_clamour', new Random('crowd'), {
    seconds: 2,
    voices: 5,
    meanDbSpl: 110,
  });
  expect(levelOf(rms(samples))).toBeCloseTo(110, 1);
  // No bang in it: the crest of many voices stays far below a blast's.
  expect(peak(samples) / rms(samples)).toBeLessThan(10);
});
