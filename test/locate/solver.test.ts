import { describe, expect, it } from 'vitest';
import { scoreBound } from '../../src/cli/bench/locate-bound.js';
import {
  airFrom,
  ellipseDistance,
  ellipseOf,
  SiteLocator,
  solve,
  travelSeconds,
} from '../../src/locate/index.js';
import { detection, gauss, grid, lastOf, random, siteOf, STILL } from './scenario.js';

describe('The solver', () => {
  // Published bound inside a ring at 5 ms, metres: almost independent of spacing.
  it.each([
    [4, 1.8],
    [6, 1.45],
    [8, 1.24],
    [12, 1.0],
  ])('with %d poles comes within 1.1 times the Cramér–Rao bound of %d m', (poles, published) => {
    const which = { poles, spacingMeters: 300, sigmaSeconds: 0.005, windSpeed: 0 };
    const { rmseMeters, boundMeters } = scoreBound(which, 600, random(poles));
    expect(boundMeters).toBeGreaterThan(published * 0.95);
    expect(boundMeters).toBeLessThan(published * 1.05);
    expect(rmseMeters / boundMeters).toBeLessThan(1.1);
  });

  it.each([
    ['no wind, known', 0, true],
    ['10 m/s, known', 10, true],
    ['20 m/s, known', 20, true],
    ['5 m/s, unknown', 5, false],
    ['10 m/s, unknown', 10, false],
  ])('has an ellipse that holds the truth at least 9 times in 10: %s', (_name, windSpeed, known) => {
    const next = random(windSpeed + 1);
    const poles = grid(3, 250);
    const weather = { temperatureC: 20, relativeHumidity: 50, windSpeed, windFromDegrees: 300 };
    const real = airFrom(weather);
    let held = 0;
    const trials = 200;
    for (let trial = 0; trial < trials; trial++) {
      const [east, north] = [next() * 400 - 200, next() * 400 - 200];
      const arrivals = poles.map((pole) => ({
        ...pole,
        seconds:
          travelSeconds(
            pole.east - east,
            pole.north - north,
            real.soundSpeed,
            real.windEast,
            real.windNorth,
          ) +
          0.013 * gauss(next),
        sigmaSeconds: 0.013,
        shot: 0,
      }));
      const found = solve({
        arrivals,
        shots: 1,
        air: airFrom(known ? weather : {}),
        start: [0, 0],
        bounds: { east: 0, north: 0, radiusMeters: 1000 },
      });
      if (ellipseDistance(ellipseOf(found.covariance, 3), east - found.east, north - found.north) <= 1)
        held++;
    }
    expect(held / trials).toBeGreaterThanOrEqual(0.9);
  });
});

describe('A pole with several microphones', () => {
  const poles = [
    { east: 0, north: 0 },
    { east: 300, north: 0 },
  ];
  const heard = (pole: number, seconds: number, bearingDegrees: number) => {
    const one = detection({ pole, seconds, score: 0.97 });
    const arrivals = one.arrivals.map((a) => ({ ...a, bearingDegrees, bearingUncertaintyDegrees: 6 }));
    return { ...one, arrivals };
  };

  it('alone gives a bearing, and an ellipse along it', () => {
    const locator = new SiteLocator(siteOf(poles));
    locator.setLive('p1', false);
    locator.add(heard(0, 1, 90));
    const [incident] = lastOf(locator.flush());
    expect(incident).toMatchObject({ method: 'bearing', bearingDegrees: 90, bearingUncertaintyDegrees: 6 });
    expect(Math.abs(incident.accuracy!.azimuthDegrees - 90)).toBeLessThan(5);
  });

  it('with another one gives a place where their bearings and times meet', () => {
    const locator = new SiteLocator(siteOf(poles));
    locator.setWeather(STILL);
    // The source stands 150 m east and 150 m north of the first.
    const travel = Math.hypot(150, 150) / 340;
    locator.add(heard(0, 1 + travel, 45));
    locator.add(heard(1, 1 + travel, 315));
    const [incident] = lastOf(locator.flush());
    expect(incident.method).toBe('bearing');
    expect(incident.accuracy!.semiMajorMeters).toBeLessThan(120);
  });
});
