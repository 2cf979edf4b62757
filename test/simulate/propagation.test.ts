import fc from 'fast-check';
import { expect, test } from 'vitest';
import { convolve } from '../../src/simulate/fft.js';
import { peak, rms } from '../../src/simulate/filters.js';
import { soundPaths } from '../../src/simulate/paths.js';
import { carry, straightSeconds } from '../../src/simulate/propagation.js';
import { Random } from '../../src/simulate/random.js';
import { impulseResponse } from '../../src/simulate/response.js';
import { SOURCE_RATE_HZ } from '../../src/simulate/sources/index.js';

const air = { temperatureC: 15, relativeHumidity: 60 };

/** Phase of `samples` at `hz`, radians, with sample 0 at `startSample`. */
function phaseAt(samples: Float32Array, startSample: number, hz: number): number {
  let re = 0;
  let im = 0;
  for (let i = 0; i < samples.length; i++) {
    const angle = (2 * Math.PI * hz * (i + startSample)) / SOURCE_RATE_HZ;
    re += samples[i] * Math.cos(angle);
    im -= samples[i] * Math.sin(angle);
  }
  return Math.atan2(im, re);
}

test('a path arrives when it should, to 1 µs, at any fraction of a sample', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.01, max: 3, noNaN: true }),
      fc.constantFrom(200, 1000, 5000),
      (seconds, hz) => {
        const path = { excessSeconds: 0, lengthMeters: seconds * 340, gain: 1 };
        const { taps, startSample } = impulseResponse(seconds, [path], undefined, air, new Random('t'));
        const turns = (-phaseAt(taps, startSample, hz) / (2 * Math.PI) - seconds * hz) % 1;
        const off = (turns - Math.round(turns)) / hz;
        expect(Math.abs(off)).toBeLessThan(1e-6);
      },
    ),
    { numRuns: 60 },
  );
});

test('the pole’s clock error shifts what it hears by just that', () => {
  const heard = (clockErrorSeconds: number) => {
    const target = new Float32Array(SOURCE_RATE_HZ);
    const passage = { eastMeters: 100, northMeters: 0, emissionSeconds: 0.1, weather: {}, clockErrorSeconds };
    carry(Float32Array.of(1), passage, target, new Random('clock'));
    return target;
  };
  const exact = heard(0);
  const late = heard(480 / SOURCE_RATE_HZ);
  const difference = exact.subarray(0, 30_000).map((value, i) => value - late[i + 480]);
  expect(peak(difference)).toBeLessThan(1e-4 * peak(exact));
});

test('twice as far is 6 dB weaker, and the air takes high tones first', () => {
  const response = (meters: number) => {
    const path = { excessSeconds: 0, lengthMeters: meters, gain: 1 / meters };
    return impulseResponse(meters / 340, [path], undefined, air, new Random('far'));
  };
  const gainDb = (meters: number, hz: number) => {
    const { taps } = response(meters);
    let re = 0;
    let im = 0;
    for (let i = 0; i < taps.length; i++) {
      re += taps[i] * Math.cos((2 * Math.PI * hz * i) / SOURCE_RATE_HZ);
      im += taps[i] * Math.sin((2 * Math.PI * hz * i) / SOURCE_RATE_HZ);
    }
    return 20 * Math.log10(Math.hypot(re, im));
  };
  expect(gainDb(100, 300) - gainDb(200, 300)).toBeCloseTo(6.02 + 0.1, 0);
  // ISO 9613-1 at 15 °C, 60 %: some 30 dB/km at 4 kHz.
  expect(gainDb(200, 300) - gainDb(200, 4000)).toBeGreaterThan(4);
});

test('sound comes sooner with the wind than against it', () => {
  const seconds = (windFromDegrees: number) =>
    straightSeconds({
      eastMeters: 1000,
      northMeters: 0,
      weather: { temperatureC: 15, relativeHumidity: 60, windSpeed: 20, windFromDegrees },
    });
  const calm = straightSeconds({
    eastMeters: 1000,
    northMeters: 0,
    weather: { temperatureC: 15, relativeHumidity: 60 },
  });
  expect(1000 / seconds(270) - 1000 / calm).toBeCloseTo(20, 5);
  expect(1000 / seconds(90) - 1000 / calm).toBeCloseTo(-20, 5);
});

test('a town adds 3 to 15 façades, 20 to 800 ms late and 5 to 26 dB weaker than the free field', () => {
  for (let seed = 0; seed < 50; seed++) {
    const paths = soundPaths(200, new Random(seed));
    const echoes = paths.slice(2);
    expect(echoes.length).toBeGreaterThanOrEqual(3);
    expect(echoes.length).toBeLessThanOrEqual(15);
    for (const { excessSeconds, gain } of echoes) {
      expect(excessSeconds).toBeGreaterThanOrEqual(0.02);
      expect(excessSeconds).toBeLessThanOrEqual(0.8);
      // Where the source is hidden, its echoes are 3 dB weaker still.
      expect(20 * Math.log10(gain * 200)).toBeGreaterThan(-29.2);
      expect(20 * Math.log10(gain * 200)).toBeLessThan(-4.9);
    }
  }
});

test('without echoes there is the straight way and the ground, and nothing else', () => {
  expect(soundPaths(200, new Random(1), { echoes: false })).toHaveLength(2);
});

test('convolution by transform equals the sum it stands for', () => {
  const samples = fc.float32Array({ minLength: 1, maxLength: 60, min: -1, max: 1, noNaN: true });
  fc.assert(
    fc.property(samples, samples, (a, b) => {
      const expected = new Float32Array(a.length + b.length - 1);
      for (let i = 0; i < a.length; i++) for (let j = 0; j < b.length; j++) expected[i + j] += a[i] * b[j];
      const result = convolve(a, b);
      expect(result).toHaveLength(expected.length);
      expect(peak(result.map((value, i) => value - expected[i]))).toBeLessThan(1e-4);
    }),
  );
});

test('what would arrive after the end of the recording is left out', () => {
  const target = new Float32Array(1000);
  carry(
    new Float32Array(48_000).fill(1),
    { eastMeters: 5000, northMeters: 0, emissionSeconds: 0, weather: {} },
    target,
    new Random(1),
  );
  expect(rms(target)).toBe(0);
});
