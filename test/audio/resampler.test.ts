import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { besselI0 } from '../../src/audio/kaiser.js';
import { Resampler, SAMPLE_RATE_HZ } from '../../src/audio/index.js';

const ABOVE = [16001, 22050, 24000, 32000, 44100, 47999, 48000, 96000, 192000];
const BELOW = [8000, 11025, 12000];

function tone(rateHz: number, hz: number, seconds: number): Float32Array {
  return Float32Array.from({ length: Math.round(rateHz * seconds) }, (_, i) =>
    Math.sin((2 * Math.PI * hz * i) / rateHz),
  );
}

function levelDb(samples: Float32Array): number {
  return 10 * Math.log10(samples.reduce((sum, v) => sum + v * v, 0) / samples.length);
}

/** A full-scale sine lies so far under full-scale power. */
const HALF_DB = 10 * Math.log10(2);

function bytesOf(samples: Float32Array): Uint8Array {
  return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
}

/** Level of the middle of what a tone becomes, dB under the tone. */
function gainDb(rateHz: number, hz: number): number {
  const output = new Resampler(rateHz).process(tone(rateHz, hz, 0.2));
  return levelDb(output.subarray(800, 2400)) + HALF_DB;
}

describe('resampling to 16 kHz', () => {
  test.each(ABOVE)('from %i Hz lets nothing above 8 kHz through (90 dB down)', (rate) => {
    for (let hz = 8020; hz < rate / 2; hz = hz * 1.07 + 13) expect(gainDb(rate, hz)).toBeLessThan(-90);
  });

  test('makes a 10 kHz tone at 48 kHz vanish', () => {
    expect(gainDb(48000, 10000)).toBeLessThan(-90);
  });

  test.each(ABOVE)('from %i Hz is flat to 7 kHz within 0.1 dB', (rate) => {
    for (const hz of [20, 100, 1000, 3000, 5000, 6500, 6990]) {
      expect(Math.abs(gainDb(rate, hz))).toBeLessThan(0.1);
    }
  });

  test.each(BELOW)('from %i Hz keeps the tone and adds no image of it', (rate) => {
    for (const hz of [100, 1000, 0.43 * rate]) {
      const input = tone(rate, hz, 0.5);
      const output = new Resampler(rate).process(input);
      const wanted = tone(SAMPLE_RATE_HZ, hz, output.length / SAMPLE_RATE_HZ);
      const error = output.map((v, i) => v - wanted[i]).subarray(1600, 6400);
      // The pass-band's ripple included; an image would stand at 0 dB.
      expect(levelDb(error)).toBeLessThan(-75);
    }
  });

  test.each([...BELOW, ...ABOVE])('from %i Hz leaves a click where it was, to half a sample', (rate) => {
    const at = Math.round(0.1 * rate);
    const input = new Float32Array(Math.round(0.3 * rate));
    input[at] = 1;
    const output = new Resampler(rate).process(input);
    const peak = output.reduce((best, v, i) => (v > output[best] ? i : best), 0);
    expect(Math.abs(peak / SAMPLE_RATE_HZ - at / rate)).toBeLessThanOrEqual(0.5 / SAMPLE_RATE_HZ + 1e-9);
  });

  test.each([8000, 44100, 47999, 48000, 192000])(
    'from %i Hz gives the same bits however the input is cut',
    (rate) => {
      const input = Float32Array.from({ length: 6000 }, (_, i) => Math.sin(i * i * 1e-3));
      const whole = new Resampler(rate).process(input).slice();
      fc.assert(
        fc.property(fc.array(fc.integer({ min: 1, max: 3000 }), { maxLength: 30 }), (cuts) => {
          const resampler = new Resampler(rate);
          const parts: number[] = [];
          let from = 0;
          for (const cut of [...cuts, input.length]) {
            parts.push(...resampler.process(input.subarray(from, from + cut)));
            from += cut;
          }
          expect(Buffer.compare(bytesOf(Float32Array.from(parts)), bytesOf(whole))).toBe(0);
        }),
        { numRuns: 30 },
      );
    },
  );

  test.each([8000, 12000, 44100, 47999, 48000])(
    'from %i Hz gives one output for each 62.5 µs of input, once flushed, and then starts afresh',
    (rate) => {
      const resampler = new Resampler(rate);
      const input = tone(rate, 440, 0.1);
      const once = [...resampler.process(input), ...resampler.flush()];
      expect(once).toHaveLength(Math.ceil((input.length * SAMPLE_RATE_HZ) / rate));
      expect([...resampler.process(input), ...resampler.flush()]).toEqual(once);
    },
  );

  test('from 16 kHz changes nothing', () => {
    const input = tone(16000, 440, 0.1);
    expect(new Resampler(16000).process(input)).toBe(input);
  });

  test('keeps DC at its level', () => {
    const output = new Resampler(44100).process(new Float32Array(44100).fill(0.25));
    const off = output.subarray(200).reduce((worst, v) => Math.max(worst, Math.abs(v - 0.25)), 0);
    expect(off).toBeLessThan(1e-6);
  });

  test.each([7999, 192001, 44100.5, NaN])('from %d Hz is refused', (rate) => {
    expect(() => new Resampler(rate)).toThrow(RangeError);
  });
});

// Abramowitz & Stegun, table 9.8 (e^-x I0(x) for 10) and 9.11.
test.each([
  [0, 1],
  [1, 1.2660658777520084],
  [5, 27.239871823604442],
  [10, 2815.716628466254],
])('the Bessel function I0(%d) is %d', (x, value) => {
  expect(besselI0(x) / value).toBeCloseTo(1, 13);
});
