import geodesic from 'geographiclib-geodesic';
import { describe, expect, it } from 'vitest';
import { airFrom, distanceMeters, LocalPlane, soundSpeed, travelTime } from '../../src/locate/index.js';
import { random } from './scenario.js';

const { WGS84 } = geodesic.Geodesic;

describe('The plane that everything is solved in', () => {
  it('keeps distances to 2 mm within 5 km, against the geodesics of GeographicLib', () => {
    const next = random(1);
    for (const lat of [-54, 0, 43.3, 69]) {
      const plane = new LocalPlane([5.37, lat]);
      for (let i = 0; i < 50; i++) {
        const direct = WGS84.Direct(lat, 5.37, next() * 360, next() * 5000);
        const other = WGS84.Direct(lat, 5.37, next() * 360, next() * 5000);
        const a = plane.toPlane([direct.lon2!, direct.lat2!]);
        const b = plane.toPlane([other.lon2!, other.lat2!]);
        const straight = Math.hypot(a[0] - b[0], a[1] - b[1]);
        const truth = WGS84.Inverse(direct.lat2!, direct.lon2!, other.lat2!, other.lon2!).s12!;
        expect(Math.abs(straight - truth)).toBeLessThan(0.004);
      }
    }
  });

  it('gives back the degrees it was given', () => {
    const plane = new LocalPlane([179.99, -17]);
    for (const point of [
      [179.99, -17],
      [-179.97, -17.02],
      [179.8, -16.9],
    ] as const) {
      const [lon, lat] = plane.fromPlane(plane.toPlane(point));
      expect(lon).toBeCloseTo(point[0], 9);
      expect(lat).toBeCloseTo(point[1], 9);
    }
  });

  it('measures between two places as GeographicLib does', () => {
    const a = [5.3698, 43.2965] as const;
    const b = [5.3741, 43.2929] as const;
    expect(distanceMeters(a, b)).toBeCloseTo(WGS84.Inverse(a[1], a[0], b[1], b[0]).s12!, 3);
  });
});

describe('The speed of sound', () => {
  it.each([
    [0, 0, 331.45],
    [20, 50, 343.99],
    [30, 50, 350.31],
  ])('at %d °C and %d %% is %d m/s (Cramer 1993)', (temperature, humidity, speed) => {
    expect(soundSpeed(temperature, humidity)).toBeCloseTo(speed, 1);
  });

  it('is unknown by about 6 m/s where nobody tells the temperature', () => {
    expect(airFrom({}).soundSpeedSigma).toBeGreaterThan(4);
    expect(airFrom({ temperatureC: 10, windSpeed: 0 }).soundSpeedSigma).toBeLessThan(1.5);
  });

  it('comes with wind that blows away from where it comes from', () => {
    const air = airFrom({ windSpeed: 10, windFromDegrees: 270 });
    expect(air.windEast).toBeCloseTo(10, 9);
    expect(air.windNorth).toBeCloseTo(0, 9);
  });
});

describe('Travel time', () => {
  it('is r / (w·u + √(c² − |w⊥|²)) in any wind', () => {
    const next = random(2);
    for (let i = 0; i < 200; i++) {
      const [dx, dy] = [next() * 2000 - 1000, next() * 2000 - 1000];
      const [wx, wy] = [next() * 40 - 20, next() * 40 - 20];
      const r = Math.hypot(dx, dy);
      const along = (wx * dx + wy * dy) / r;
      const across = Math.sqrt(wx * wx + wy * wy - along * along);
      expect(travelTime(dx, dy, 340, wx, wy).seconds).toBeCloseTo(
        r / (along + Math.sqrt(340 * 340 - across * across)),
        9,
      );
    }
  });

  it('has the derivatives that differences show', () => {
    const at = (x: number, y: number, c: number, wx: number, wy: number) =>
      travelTime(300 - x, -200 - y, c, wx, wy).seconds;
    const found = travelTime(300, -200, 340, 7, -4);
    const h = 1e-3;
    const base = [0, 0, 340, 7, -4] as const;
    const slope = (k: number) => {
      const up = base.map((value, i) => value + (i === k ? h : 0)) as [
        number,
        number,
        number,
        number,
        number,
      ];
      const down = base.map((value, i) => value - (i === k ? h : 0)) as typeof up;
      return (at(...up) - at(...down)) / (2 * h);
    };
    expect(found.bySourceEast).toBeCloseTo(slope(0), 8);
    expect(found.bySourceNorth).toBeCloseTo(slope(1), 8);
    expect(found.bySoundSpeed).toBeCloseTo(slope(2), 8);
    expect(found.byWindEast).toBeCloseTo(slope(3), 8);
    expect(found.byWindNorth).toBeCloseTo(slope(4), 8);
  });
});
