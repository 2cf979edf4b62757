import type { ErrorEllipse } from './incident.js';
import { eigen2 } from './linear.js';

/** χ² of two degrees of freedom at 95 %. */
export const CHI_SQUARED_95 = 5.991;

/**
 * 95 % ellipse of a covariance [ee, en, nn] in m² (east, north), with `floorMeters` added in quadrature to both axes
 * for what no model holds (surveyed positions, heights). Azimuth of the major axis clockwise from north, 0 to 180.
 */
export function ellipseOf(covariance: readonly [number, number, number], floorMeters: number): ErrorEllipse {
  const { large, small, angleRadians } = eigen2(...covariance);
  const axis = (variance: number) =>
    Math.sqrt(CHI_SQUARED_95 * Math.max(variance, 0) + floorMeters * floorMeters);
  const azimuth = 90 - (angleRadians * 180) / Math.PI;
  return {
    semiMajorMeters: axis(large),
    semiMinorMeters: axis(small),
    azimuthDegrees: ((azimuth % 180) + 180) % 180,
    confidenceLevel: 0.95,
  };
}

/** (east, north) metres from the ellipse's middle along its two axes, in units of them: its rim is the unit circle. */
export function ellipseFrame(ellipse: ErrorEllipse, east: number, north: number): [number, number] {
  const azimuth = (ellipse.azimuthDegrees * Math.PI) / 180;
  const along = east * Math.sin(azimuth) + north * Math.cos(azimuth);
  const across = east * Math.cos(azimuth) - north * Math.sin(azimuth);
  return [along / ellipse.semiMajorMeters, across / ellipse.semiMinorMeters];
}

/** Squared distance of (east, north) metres from the ellipse's middle in units of its axes: 1 on its rim. */
export function ellipseDistance(ellipse: ErrorEllipse, east: number, north: number): number {
  const [along, across] = ellipseFrame(ellipse, east, north);
  return along ** 2 + across ** 2;
}

type Point = readonly [number, number];

/** Convex hull of points, counter-clockwise, by Andrew's monotone chain; fewer than three where they lie on a line. */
export function convexHull(points: readonly Point[]): Point[] {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const turn = (o: Point, a: Point, b: Point) =>
    (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0]);
  const half = (list: readonly Point[]) => {
    const chain: Point[] = [];
    for (const p of list) {
      while (chain.length > 1 && turn(chain[chain.length - 2], chain[chain.length - 1], p) <= 0) chain.pop();
      chain.push(p);
    }
    chain.pop();
    return chain;
  };
  return [...half(sorted), ...half(sorted.reverse())];
}

/** Is the point inside (or on) the convex hull of these poles? */
export function insideHull(points: readonly Point[], [x, y]: Point): boolean {
  const hull = convexHull(points);
  if (hull.length < 3) return false;
  return hull.every((a, i) => {
    const b = hull[(i + 1) % hull.length];
    return (b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0]) >= 0;
  });
}
