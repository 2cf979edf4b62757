export type LonLat = readonly [number, number];
export type Point = readonly [x: number, y: number];

const METERS_PER_DEGREE = 111_320;

/** Metres east and south of a middle: a city is small enough for a flat map. */
export class Plane {
  readonly #lon: number;
  readonly #lat: number;
  readonly #shrink: number;

  constructor(places: readonly LonLat[]) {
    const middle = (axis: 0 | 1): number => {
      const values = places.map((place) => place[axis]);
      return values.length === 0 ? 0 : (Math.min(...values) + Math.max(...values)) / 2;
    };
    this.#lon = middle(0);
    this.#lat = middle(1);
    this.#shrink = Math.cos((this.#lat * Math.PI) / 180);
  }

  to([lon, lat]: LonLat): Point {
    return [(lon - this.#lon) * METERS_PER_DEGREE * this.#shrink, (this.#lat - lat) * METERS_PER_DEGREE];
  }

  from([x, y]: Point): LonLat {
    return [this.#lon + x / METERS_PER_DEGREE / this.#shrink, this.#lat - y / METERS_PER_DEGREE];
  }
}

/** What a map shows, in metres. */
export interface View {
  x: number;
  y: number;
  width: number;
}

/** The smallest view that holds all points, with room round them. */
export function viewOf(points: readonly Point[], aspect: number): View {
  if (points.length === 0) return { x: 0, y: 0, width: 1000 };
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [west, east] = [Math.min(...xs), Math.max(...xs)];
  const [north, south] = [Math.min(...ys), Math.max(...ys)];
  const width = Math.max(east - west, (south - north) * aspect, 120) * 1.25;
  return { x: (west + east) / 2, y: (north + south) / 2, width };
}

/** A round length of about so many metres: 1, 2 or 5 and noughts. */
export function roundLength(about: number): number {
  const power = 10 ** Math.floor(Math.log10(about));
  return power * ([5, 2, 1].find((step) => step * power <= about) ?? 1);
}
