import { describe, expect, it } from 'vitest';
import { measureBearing, type Offset } from '../../src/listen/bearing.js';
import { gccPhat } from '../../src/listen/gcc-phat.js';
import { gaussian } from './sounds.js';

const RATE_HZ = 48_000;
const SQUARE: Offset[] = [
  [0.1, 0.1, 0],
  [-0.1, 0.1, 0],
  [-0.1, -0.1, 0],
  [0.1, -0.1, 0],
];
const TRIANGLE: Offset[] = [
  [0, 0.15, 0],
  [0.13, -0.075, 0],
  [-0.13, -0.075, 0],
];
const PAIR: Offset[] = [
  [-0.2, 0, 0],
  [0.2, 0, 0],
];

/** A blast as a sum of tones, so that it can be delayed by any part of a sample, with noise of each microphone's own. */
function planeWave(bearing: number, offsets: readonly Offset[], snrDb: number, seed: number): Float32Array[] {
  const radians = (bearing * Math.PI) / 180;
  const draw = gaussian(seed);
  const tones = Array.from({ length: 160 }, (_, k) => ({ hz: 100 + 45 * k, phase: 6.28 * Math.abs(draw()) }));
  const length = Math.round(0.028 * RATE_HZ);
  return offsets.map(([east, north]) => {
    const later = -(east * Math.sin(radians) + north * Math.cos(radians)) / 343;
    return Float32Array.from({ length }, (_, i) => {
      const t = i / RATE_HZ - 0.003 - later;
      const blast =
        t < 0
          ? 0
          : tones.reduce((sum, { hz, phase }) => sum + Math.sin(2 * Math.PI * hz * t + phase), 0) *
            Math.exp(-t / 0.006);
      return blast / 12 + 10 ** (-snrDb / 20) * draw();
    });
  });
}

const apart = (a: number, b: number): number => Math.abs(((a - b + 540) % 360) - 180);

describe('the direction a pole with several microphones gives', () => {
  it.each<[string, Offset[]]>([
    ['three', TRIANGLE],
    ['four', SQUARE],
  ])('is within 3 degrees for %s microphones, from everywhere', (_name, offsets) => {
    for (let bearing = 5; bearing < 360; bearing += 50) {
      const found = measureBearing(planeWave(bearing, offsets, 30, bearing), offsets, RATE_HZ);
      expect(apart(found?.degrees ?? NaN, bearing)).toBeLessThan(3);
      expect(found?.uncertaintyDegrees).toBeLessThan(5);
    }
  });

  it('holds the truth within three of its σ in noise', () => {
    for (let trial = 0; trial < 10; trial++) {
      const bearing = 17 + 36 * trial;
      const found = measureBearing(planeWave(bearing, SQUARE, 6, trial + 1), SQUARE, RATE_HZ);
      if (found) expect(apart(found.degrees, bearing)).toBeLessThan(3 * found.uncertaintyDegrees);
    }
  });

  it('is given by two microphones only along their line, with the width of the doubt', () => {
    const along = measureBearing(planeWave(88, PAIR, 30, 3), PAIR, RATE_HZ);
    expect(apart(along?.degrees ?? NaN, 90)).toBeLessThan(1);
    expect(along?.uncertaintyDegrees).toBeGreaterThan(2);
    expect(measureBearing(planeWave(30, PAIR, 30, 4), PAIR, RATE_HZ)).toBeUndefined();
  });

  it('is not given where there is none', () => {
    const silence = SQUARE.map(() => new Float32Array(1344));
    expect(measureBearing(silence, SQUARE, RATE_HZ)).toBeUndefined();
    const same = planeWave(40, [SQUARE[0]], 30, 5)[0];
    expect(measureBearing([same, same, same, same], SQUARE, RATE_HZ)).toBeUndefined();
  });
});

describe('the delay between two microphones', () => {
  it.each([0, 3, -7, 2.5, -0.25, 11.75])('of %f samples is found to a twentieth of one', (samples) => {
    const draw = gaussian(9);
    const tones = Array.from({ length: 120 }, (_, k) => ({
      hz: 60 * (k + 1),
      phase: 6.28 * Math.abs(draw()),
    }));
    const sound = (shift: number): Float32Array =>
      Float32Array.from(
        { length: 800 },
        (_, i) =>
          tones.reduce(
            (sum, { hz, phase }) => sum + Math.sin((2 * Math.PI * hz * (i - shift)) / 16_000 + phase),
            0,
          ) * Math.exp(-(((i - shift - 400) / 120) ** 2)),
      );
    const found = gccPhat(sound(0), sound(samples), 16_000, 0.002);
    expect((found?.seconds ?? NaN) * 16_000).toBeCloseTo(samples, 1);
    expect(found?.coherence).toBeGreaterThan(0.5);
  });
});
