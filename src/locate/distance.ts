import { LocalPlane } from './geodesy.js';

/** Metres between two places ([lon, lat] degrees) on WGS 84; good to a centimetre within 10 km. */
export function distanceMeters(a: readonly [number, number], b: readonly [number, number]): number {
  const [east, north] = LocalPlane.around([a, b]).toPlane(a);
  return 2 * Math.hypot(east, north);
}
