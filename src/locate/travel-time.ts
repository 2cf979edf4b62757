/** Seconds from a source to a pole, and how they change with the source, the speed of sound and the wind. */
export interface TravelTime {
  seconds: number;
  /** d seconds / d source, east and north (s/m). */
  bySourceEast: number;
  bySourceNorth: number;
  /** d seconds / d speed of sound (s per m/s). */
  bySoundSpeed: number;
  /** d seconds / d wind, east and north (s per m/s). */
  byWindEast: number;
  byWindNorth: number;
}

/** Within this distance directions mean nothing; keeps the derivatives finite on top of a pole. */
const NEAREST_METERS = 0.1;

/**
 * Travel time over (`dx`, `dy`) = pole − source in metres, through air that moves with the wind `(wx, wy)`.
 * The front is a circle carried along: |d − w·T| = c·T, so T = (−w·d + √((w·d)² + (c²−|w|²)|d|²)) / (c²−|w|²),
 * which is r / (w·u + √(c² − |w⊥|²)). Needs |w| < c. Derivatives are the exact ones of that equation.
 */
export function travelTime(dx: number, dy: number, c: number, wx: number, wy: number): TravelTime {
  const squared = Math.max(dx * dx + dy * dy, NEAREST_METERS * NEAREST_METERS);
  const along = wx * dx + wy * dy;
  const calm = c * c - wx * wx - wy * wy;
  const root = Math.sqrt(along * along + calm * squared);
  const seconds = (root - along) / calm;
  // T·(c²−|w|²) + w·d is the root itself.
  const perMeter = 1 / root;
  const restEast = (dx - wx * seconds) * perMeter;
  const restNorth = (dy - wy * seconds) * perMeter;
  return {
    seconds,
    bySourceEast: -restEast,
    bySourceNorth: -restNorth,
    bySoundSpeed: -c * seconds * seconds * perMeter,
    byWindEast: -seconds * restEast,
    byWindNorth: -seconds * restNorth,
  };
}

/** The seconds alone: what the searches ask for thousands of times. */
export function travelSeconds(dx: number, dy: number, c: number, wx: number, wy: number): number {
  const along = wx * dx + wy * dy;
  const calm = c * c - wx * wx - wy * wy;
  return (Math.sqrt(along * along + calm * (dx * dx + dy * dy)) - along) / calm;
}
