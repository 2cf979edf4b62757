import { isInArea, type Area } from '../config/index.js';
import { ellipseFrame, LocalPlane, type ErrorEllipse } from '../locate/index.js';

type Position = readonly [number, number];

/** Whether any of the ellipse about `place` ([lon, lat]) lies in the area; exact on a plane, enough for a few kilometres. */
export function isReached(area: Area, place: Position, ellipse: ErrorEllipse): boolean {
  if (isInArea(area, place)) return true;
  const plane = new LocalPlane(place);
  return area.polygons.flat().some((ring) => {
    const corners = ring.map((corner) => ellipseFrame(ellipse, ...plane.toPlane(corner)));
    return corners.some((corner, i) => i > 0 && distanceToOrigin(corners[i - 1], corner) <= 1);
  });
}

/** Of the stretch between two points. */
function distanceToOrigin([ax, ay]: Position, [bx, by]: Position): number {
  const [dx, dy] = [bx - ax, by - ay];
  const squared = dx * dx + dy * dy;
  const share = squared === 0 ? 0 : Math.min(1, Math.max(0, -(ax * dx + ay * dy) / squared));
  return Math.hypot(ax + share * dx, ay + share * dy);
}
