import { airFrom, solve, type TimedArrival } from '../../locate/index.js';
import { travelSeconds } from '../../locate/index.js';

export interface BoundCase {
  poles: number;
  spacingMeters: number;
  sigmaSeconds: number;
  windSpeed: number;
}

export interface BoundScore extends BoundCase {
  rmseMeters: number;
  boundMeters: number;
}

/** Each number of poles, spacing, clock error and wind once: the other three at their middle. */
export const BOUND_CASES: readonly BoundCase[] = [
  ...[4, 5, 6, 8, 10, 12].map((poles) => ({ poles, spacingMeters: 300, sigmaSeconds: 0.005, windSpeed: 0 })),
  ...[100, 600].map((spacingMeters) => ({ poles: 6, spacingMeters, sigmaSeconds: 0.005, windSpeed: 0 })),
  ...[0.001, 0.015].map((sigmaSeconds) => ({ poles: 6, spacingMeters: 300, sigmaSeconds, windSpeed: 0 })),
  ...[10, 20].map((windSpeed) => ({ poles: 6, spacingMeters: 300, sigmaSeconds: 0.005, windSpeed })),
];

/**
 * RMSE of the solver against the Cramér–Rao bound: poles on a ring with a source inside, Gaussian noise on the times,
 * weather known. The bound is c²·(Σw·uuᵀ − (Σw·u)(Σw·u)ᵀ/Σw)⁻¹ at each true place, averaged like the errors.
 */
export function scoreBound(which: BoundCase, trials: number, next: () => number): BoundScore {
  const { poles: count, spacingMeters, sigmaSeconds, windSpeed } = which;
  const air = {
    ...airFrom({ temperatureC: 15, relativeHumidity: 60, windSpeed, windFromDegrees: 270 }),
    soundSpeedSigma: 0.01,
    windSigma: 0.01,
  };
  const gauss = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const radius = Math.max(spacingMeters / (2 * Math.sin(Math.PI / count)), spacingMeters / 2);
  let squares = 0;
  let bounds = 0;
  for (let trial = 0; trial < trials; trial++) {
    const angle = next() * 2 * Math.PI;
    const away = 0.6 * radius * Math.sqrt(next());
    const source = [away * Math.cos(angle), away * Math.sin(angle)] as const;
    const turn = next() * 2 * Math.PI;
    const arrivals: TimedArrival[] = Array.from({ length: count }, (_, i) => {
      const east = radius * Math.cos(turn + (2 * Math.PI * i) / count);
      const north = radius * Math.sin(turn + (2 * Math.PI * i) / count);
      const travel = travelSeconds(
        east - source[0],
        north - source[1],
        air.soundSpeed,
        air.windEast,
        air.windNorth,
      );
      return { east, north, seconds: travel + sigmaSeconds * gauss(), sigmaSeconds, shot: 0 };
    });
    const found = solve({
      arrivals,
      shots: 1,
      air,
      start: [0, 0],
      bounds: { east: 0, north: 0, radiusMeters: 3 * radius },
    });
    squares += (found.east - source[0]) ** 2 + (found.north - source[1]) ** 2;
    bounds += boundSquared(arrivals, source, air.soundSpeed);
  }
  return { ...which, rmseMeters: Math.sqrt(squares / trials), boundMeters: Math.sqrt(bounds / trials) };
}

/** Trace of the Cramér–Rao bound of the place, m². */
function boundSquared(
  arrivals: readonly TimedArrival[],
  [east, north]: readonly [number, number],
  c: number,
): number {
  let [ee, en, nn, e, n, sum] = [0, 0, 0, 0, 0, 0];
  for (const a of arrivals) {
    const dx = a.east - east;
    const dy = a.north - north;
    const r = Math.hypot(dx, dy);
    const w = 1 / a.sigmaSeconds ** 2;
    ee += (w * dx * dx) / (r * r);
    en += (w * dx * dy) / (r * r);
    nn += (w * dy * dy) / (r * r);
    e += (w * dx) / r;
    n += (w * dy) / r;
    sum += w;
  }
  const [a, b, d] = [ee - (e * e) / sum, en - (e * n) / sum, nn - (n * n) / sum];
  return (c * c * (a + d)) / (a * d - b * b);
}
