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

/** Names and the map's buttons stand beside what is drawn. */
const ROOM_PIXELS = { sides: 84, ends: 50 };
/** Of a small map this much is room, and no more. */
const MOST_ROOM = 0.2;

/** The smallest view that holds all points, with room round them. Sizes in pixels. */
export function viewOf(points: readonly Point[], size: { width: number; height: number }): View {
  if (points.length === 0) return { x: 0, y: 0, width: 1000 };
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [west, east] = [Math.min(...xs), Math.max(...xs)];
  const [north, south] = [Math.min(...ys), Math.max(...ys)];
  const room = (pixels: number, all: number) => all - 2 * Math.min(pixels, all * MOST_ROOM);
  const unit = Math.max(
    (east - west) / room(ROOM_PIXELS.sides, size.width),
    (south - north) / room(ROOM_PIXELS.ends, size.height),
    150 / size.width,
  );
  const width = unit * size.width;
  return { x: (west + east) / 2, y: (north + south) / 2, width };
}

/** A round length of about so many metres: 1, 2 or 5 and noughts. */
export function roundLength(about: number): number {
  const power = 10 ** Math.floor(Math.log10(about));
  return power * ([5, 2, 1].find((step) => step * power <= about) ?? 1);
}
