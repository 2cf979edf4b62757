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
