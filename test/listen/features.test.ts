import { describe, expect, it } from 'vitest';
import { measureFeatures } from '../../src/listen/features.js';
import { addShot, noise, RATE } from './sounds.js';

const tone = (hz: number, amplitude = 0.5): Float32Array =>
  Float32Array.from({ length: RATE }, (_, i) => amplitude * Math.sin((2 * Math.PI * hz * i) / RATE));

describe('the features that explain a detection', () => {
  it.each([500, 1000, 3000])('put the centre of a tone of %i Hz there, in Hz', (hz) => {
    const features = measureFeatures(tone(hz));
    expect(features?.centroidHz).toBeGreaterThan(hz * 0.97);
    expect(features?.centroidHz).toBeLessThan(hz * 1.03 + 15);
    expect(features?.zeroCrossingsPerSecond).toBeGreaterThan(2 * hz * 0.98);
    expect(features?.zeroCrossingsPerSecond).toBeLessThan(2 * hz * 1.02);
    expect(features?.crest).toBeCloseTo(Math.SQRT2, 2);
    expect(features?.rms).toBeCloseTo(0.5 / Math.SQRT2, 3);
    expect(features?.flatness).toBeLessThan(0.05);
  });

  it('find white noise flat, centred in the middle of the band, rolling off at its end', () => {
    const features = measureFeatures(noise(1, 0.1));
    expect(features?.flatness).toBeGreaterThan(0.7);
    expect(features?.centroidHz).toBeGreaterThan(3800);
    expect(features?.centroidHz).toBeLessThan(4200);
    expect(features?.rolloffHz).toBeGreaterThan(7800);
    expect(features?.rolloffHz).toBeLessThanOrEqual(8000);
  });

  it('are a dozen finite scalars at most', () => {
    const values = Object.values(measureFeatures(addShot(noise(1, 0.001), 0.6, 0.5)) ?? {});
    expect(values.length).toBeGreaterThanOrEqual(8);
    expect(values.length).toBeLessThanOrEqual(12);
    expect(values.every(Number.isFinite)).toBe(true);
  });

  it.each<[string, Float32Array]>([
    ['silence', new Float32Array(RATE)],
    ['DC', new Float32Array(RATE).fill(0.5)],
    ['nothing', new Float32Array(0)],
    ['less than a frame', new Float32Array(100).fill(0.1)],
    ['NaN', new Float32Array(RATE).fill(NaN)],
  ])('are absent for %s', (_name, sound) => {
    expect(measureFeatures(sound)).toBeUndefined();
  });

  it.each<[string, Float32Array]>([
    ['infinite samples in one frame', tone(400).map((x, i) => (i < 2048 ? Infinity : x))],
    ['a single click', new Float32Array(RATE).map((_, i) => (i === 5000 ? 1 : 0))],
    ['full-scale clipping', tone(200, 9).map((x) => Math.max(-1, Math.min(1, x)))],
  ])('hold nothing but finite numbers for %s', (_name, sound) => {
    const features = measureFeatures(sound);
    expect(Object.values(features ?? { none: 0 }).every(Number.isFinite)).toBe(true);
  });
});
