import type { Pole, Site } from '../config/index.js';
import { LocalPlane } from './geodesy.js';
import { HEARING_METERS } from './hearing.js';

/** A pole in the site's plane. */
export interface MappedPole extends Pole {
  /** Its place in `PoleMap.poles`. */
  index: number;
  /** Metres. */
  east: number;
  north: number;
}

const CELL_METERS = 500;

/** The poles that take part, in a plane and in a grid of cells, so that a question costs its neighbourhood only. */
export class PoleMap {
  readonly plane: LocalPlane;
  readonly poles: readonly MappedPole[];
  readonly #byName = new Map<string, MappedPole>();
  readonly #cells = new Map<string, MappedPole[]>();
  readonly #near = new Map<number, readonly MappedPole[]>();

  constructor(site: Site) {
    this.plane = LocalPlane.around(site.poles.map(({ position }) => position));
    this.poles = site.poles
      .filter(({ recorded }) => recorded)
      .map((pole, index) => {
        const [east, north] = this.plane.toPlane(pole.position);
        return { ...pole, index, east, north };
      });
    for (const pole of this.poles) {
      this.#byName.set(pole.pole, pole);
      const key = cellKey(cellOf(pole.east), cellOf(pole.north));
      const cell = this.#cells.get(key);
      if (cell) cell.push(pole);
      else this.#cells.set(key, [pole]);
    }
  }

  /** Poles within earshot of a pole, itself among them, in the site's order. */
  near(pole: MappedPole): readonly MappedPole[] {
    let near = this.#near.get(pole.index);
    if (!near) this.#near.set(pole.index, (near = this.within(pole.east, pole.north, HEARING_METERS)));
    return near;
  }

  get(name: string): MappedPole | undefined {
    return this.#byName.get(name);
  }

  /** Poles within `radiusMeters` of a point, in the site's order. */
  within(east: number, north: number, radiusMeters: number): MappedPole[] {
    const found: MappedPole[] = [];
    for (let i = cellOf(east - radiusMeters); i <= cellOf(east + radiusMeters); i++) {
      for (let k = cellOf(north - radiusMeters); k <= cellOf(north + radiusMeters); k++) {
        for (const pole of this.#cells.get(cellKey(i, k)) ?? []) {
          if (Math.hypot(pole.east - east, pole.north - north) <= radiusMeters) found.push(pole);
        }
      }
    }
    return found.sort((a, b) => a.index - b.index);
  }
}

function cellOf(meters: number): number {
  return Math.floor(meters / CELL_METERS);
}

function cellKey(i: number, k: number): string {
  return `${i}:${k}`;
}
