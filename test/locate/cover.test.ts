import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { covering, rim } from '../../src/locate/cover.js';
import { ellipseDistance, ellipseOf } from '../../src/locate/uncertainty.js';

const metres = fc.integer({ min: -500, max: 500 });
const place = fc.tuple(metres, metres).filter(([east, north]) => east !== 0 || north !== 0);

describe('The smallest ellipse over other places', () => {
  it('holds them all, and one of them lies on its rim', () => {
    fc.assert(
      fc.property(fc.array(place, { minLength: 1, maxLength: 40 }), (offsets) => {
        const ellipse = ellipseOf(covering(offsets), 0);
        const far = offsets.map(([e, n]) => ellipseDistance(ellipse, e, n));
        expect(Math.max(...far)).toBeCloseTo(1, 6);
      }),
    );
  });

  it('is the ellipse itself where the places are its rim', () => {
    const covariance = [90, 30, 40] as const;
    covering(rim(covariance, Math.sqrt(5.991), 8)).forEach((value, i) =>
      expect(value).toBeCloseTo(covariance[i], 1),
    );
  });

  it('reaches along a line of places and hardly aside of it', () => {
    const ellipse = ellipseOf(
      covering([
        [-30, -30],
        [40, 40],
      ]),
      0,
    );
    expect(ellipse.semiMajorMeters).toBeCloseTo(Math.hypot(40, 40), 1);
    expect(ellipse.semiMinorMeters).toBeLessThan(1);
    expect(ellipse.azimuthDegrees).toBeCloseTo(45, 3);
  });
});
