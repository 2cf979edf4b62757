import { z } from 'zod';

type Position = readonly [number, number];

/** A named part of the site: one or more polygons, each an outer ring and its holes, corners [lon, lat]. */
export interface Area {
  name: string;
  polygons: ReadonlyArray<ReadonlyArray<readonly Position[]>>;
}

/** GeoJSON allows an altitude; it says nothing here. */
const corner = z
  .array(z.number())
  .min(2)
  .max(3)
  .refine(([lon, lat]) => Math.abs(lon) <= 180 && Math.abs(lat) <= 90, 'must be [lon, lat] in degrees')
  .transform(([lon, lat]): Position => [lon, lat]);
const ring = z
  .array(corner)
  .min(4, 'a ring has four corners or more, the last equal to the first')
  .refine((corners) => String(corners[0]) === String(corners.at(-1)), 'a ring ends where it begins');
const polygon = z.array(ring).min(1);

/** A GeoJSON Feature with a `name`, as map programs write it. */
export const areaSchema = z
  .object({
    type: z.literal('Feature'),
    properties: z.looseObject({ name: z.string().trim().min(1).max(64) }),
    geometry: z.discriminatedUnion('type', [
      z.object({ type: z.literal('Polygon'), coordinates: polygon }),
      z.object({ type: z.literal('MultiPolygon'), coordinates: z.array(polygon).min(1) }),
    ]),
  })
  .transform(({ properties, geometry }): Area => {
    const { type, coordinates } = geometry;
    return { name: properties.name, polygons: type === 'Polygon' ? [coordinates] : coordinates };
  });

/** Whether the place lies in the area: even-odd rule in degrees, exact enough for parts of a city away from the poles. */
export function isInArea({ polygons }: Area, place: Position): boolean {
  return polygons.some((rings) => rings.filter((one) => isInRing(one, place)).length % 2 === 1);
}

function isInRing(corners: readonly Position[], [lon, lat]: Position): boolean {
  let inside = false;
  for (let i = 1; i < corners.length; i++) {
    const [[aLon, aLat], [bLon, bLat]] = [corners[i - 1], corners[i]];
    if (aLat > lat === bLat > lat) continue;
    if (lon < aLon + ((lat - aLat) / (bLat - aLat)) * (bLon - aLon)) inside = !inside;
  }
  return inside;
}

/** An ellipse about a place: its half axes, and the direction of the larger one, clockwise from north. */
interface Ellipse {
  semiMajorMeters: number;
  semiMinorMeters: number;
  azimuthDegrees: number;
}

const METERS_PER_DEGREE = 111_320;

/** Whether any of the ellipse about `place` lies in the area; exact on a plane, enough for ellipses of a few kilometres. */
export function isReached(area: Area, place: Position, ellipse: Ellipse): boolean {
  if (isInArea(area, place)) return true;
  const eastMeters = METERS_PER_DEGREE * Math.cos((place[1] * Math.PI) / 180);
  const azimuth = (ellipse.azimuthDegrees * Math.PI) / 180;
  // In this frame the ellipse is the unit circle.
  const inFrame = ([lon, lat]: Position): Position => {
    const [east, north] = [(lon - place[0]) * eastMeters, (lat - place[1]) * METERS_PER_DEGREE];
    const along = east * Math.sin(azimuth) + north * Math.cos(azimuth);
    const across = east * Math.cos(azimuth) - north * Math.sin(azimuth);
    return [along / ellipse.semiMajorMeters, across / ellipse.semiMinorMeters];
  };
  return area.polygons.flat().some((corners) => {
    const at = corners.map(inFrame);
    return at.some((corner, i) => i > 0 && distanceToOrigin(at[i - 1], corner) <= 1);
  });
}

function distanceToOrigin([ax, ay]: Position, [bx, by]: Position): number {
  const [dx, dy] = [bx - ax, by - ay];
  const length2 = dx * dx + dy * dy;
  const t = length2 === 0 ? 0 : Math.min(1, Math.max(0, -(ax * dx + ay * dy) / length2));
  return Math.hypot(ax + t * dx, ay + t * dy);
}
