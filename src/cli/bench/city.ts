import { LocalPlane } from '../../locate/index.js';

/** A pole of a simulated city, metres east and north of its middle. */
export interface CityPole {
  pole: string;
  quarter: number;
  east: number;
  north: number;
}

export interface City {
  site: string;
  poles: readonly CityPole[];
  /** [lon, lat] of the middle. */
  middle: readonly [number, number];
}

export const CITY_FULL_SCALE_DB_SPL = 120;
const MARSEILLE: readonly [number, number] = [5.3698, 43.2965];
const SPACING_METERS = 300;
/** Out of earshot: what happens in one quarter is nothing to the next. */
const QUARTERS_APART_METERS = 4000;

/**
 * Quarters of `rows` × `columns` poles, 300 m apart, out of earshot of one another: many things can happen at once
 * without being one incident.
 */
export function cityOf(site: string, quarters: number, rows: number, columns: number): City {
  const across = Math.ceil(Math.sqrt(quarters));
  const poles: CityPole[] = [];
  for (let quarter = 0; quarter < quarters; quarter++) {
    const east = ((quarter % across) - (across - 1) / 2) * QUARTERS_APART_METERS;
    const north = (Math.floor(quarter / across) - (across - 1) / 2) * QUARTERS_APART_METERS;
    for (let i = 0; i < rows * columns; i++) {
      poles.push({
        pole: `q${quarter}-p${i}`,
        quarter,
        east: east + (i % columns) * SPACING_METERS,
        north: north + Math.floor(i / columns) * SPACING_METERS,
      });
    }
  }
  return { site, poles, middle: MARSEILLE };
}

/** The city as a service reads it: `site.geojson`. */
export function siteJson({ site, poles, middle }: City): object {
  const plane = new LocalPlane(middle);
  return {
    type: 'FeatureCollection',
    properties: { site },
    features: poles.map(({ pole, east, north }) => {
      const [lon, lat] = plane.fromPlane([east, north]);
      return {
        type: 'Feature',
        geometry: { type: 'Point', coordinates: [round(lon), round(lat), 6] },
        properties: { pole, positionUncertaintyMeters: 0.5, fullScaleDbSpl: CITY_FULL_SCALE_DB_SPL },
      };
    }),
  };
}

/** A centimetre. */
function round(degrees: number): number {
  return Number(degrees.toFixed(7));
}
