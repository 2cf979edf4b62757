import { isInArea, type Area, type Site } from '../config/index.js';
import { convexHull, LocalPlane } from '../locate/index.js';
import type { ZoneOf } from './alert.js';

export const OUTSIDE = 'outside';

/** Which of the site's zones an event lies in: by its place, else by where its nearest pole stands. */
export function zonesOf(site: Site): ZoneOf {
  const { zones, poles } = site;
  if (!zones || zones.length === 0) return () => undefined;
  const positions = new Map(poles.map(({ pole, position }) => [pole, position]));
  return ({ data }) => {
    const place = data.location?.coordinates ?? positions.get(data.poles[0]?.pole ?? '');
    return (place && zones.find((zone) => isInArea(zone, place))?.name) ?? OUTSIDE;
  };
}

/** Square kilometres of each zone; what of it has no pole near is counted too. */
export function squareKilometers({ polygons }: Area): number {
  const corners = polygons.flatMap((rings) => rings.flat());
  const plane = LocalPlane.around(corners);
  const ringArea = (ring: ReadonlyArray<readonly [number, number]>) =>
    shoelace(ring.map((corner) => plane.toPlane(corner)));
  return (
    polygons.reduce(
      (sum, [outer, ...holes]) =>
        sum + ringArea(outer) - holes.reduce((less, hole) => less + ringArea(hole), 0),
      0,
    ) / 1e6
  );
}

/** Of the hull of the poles that have a feed. */
export function hullSquareKilometers({ poles }: Site): number {
  const positions = poles.filter(({ recorded }) => recorded).map(({ position }) => position);
  if (positions.length < 3) return 0;
  const plane = LocalPlane.around(positions);
  return shoelace(convexHull(positions.map((position) => plane.toPlane(position)))) / 1e6;
}

function shoelace(corners: ReadonlyArray<readonly [number, number]>): number {
  const twice = corners.reduce((sum, [x, y], i) => {
    const [nextX, nextY] = corners[(i + 1) % corners.length];
    return sum + x * nextY - nextX * y;
  }, 0);
  return Math.abs(twice) / 2;
}
