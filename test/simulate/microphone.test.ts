import { expect, test } from 'vitest';
import { rms } from '../../src/simulate/filters.js';
import { levelOf, pascalOf } from '../../src/simulate/level.js';
import { background, digitise } from '../../src/simulate/microphone.js';
import { Random } from '../../src/simulate/random.js';
import { resampleTo } from '../../src/simulate/resample.js';

const tone = (hz: number, rateHz: number, seconds: number, gain = 1) =>
  Float32Array.from({ length: seconds * rateHz }, (_, i) => gain * Math.sin((2 * Math.PI * hz * i) / rateHz));

test('a sine of the full-scale level just fills the converter, a louder one is clipped hard', () => {
  const sine = tone(1000, 48_000, 0.1, pascalOf(110) * Math.SQRT2);
  const full = digitise(sine, 110);
  expect(Math.max(...full)).toBeGreaterThan(32_700);
  const loud = digitise(sine, 100);
  expect(loud.filter((value) => value === 32_767).length).toBeGreaterThan(loud.length / 4);
  expect(Math.min(...loud)).toBe(-32_768);
});

test.each([8000, 11_025, 16_000, 24_000, 44_100])('resampling to %i Hz keeps the tone in place', (rateHz) => {
  const out = resampleTo(tone(700, 48_000, 0.5), 48_000, rateHz);
  const wanted = tone(700, rateHz, 0.5);
  for (let i = 500; i < out.length - 500; i += 7) expect(Math.abs(out[i] - wanted[i])).toBeLessThan(1e-3);
});

test.each([8000, 16_000])('what %i Hz cannot carry is 80 dB down', (rateHz) => {
  const out = resampleTo(tone(rateHz * 0.62, 48_000, 0.5), 48_000, rateHz);
  expect(20 * Math.log10(rms(out.subarray(500, out.length - 500)) * Math.SQRT2)).toBeLessThan(-80);
});

test('the background has the level asked for, and wind adds to it', () => {
  const calm = background(160_000, 16_000, { levelDbSpl: 55 }, new Random('b'));
  expect(levelOf(rms(calm))).toBeCloseTo(55, 0);
  const mistral = background(160_000, 16_000, { levelDbSpl: 55, windSpeed: 15 }, new Random('b'));
  expect(levelOf(rms(mistral))).toBeGreaterThan(65);
});
