import { hearingProbability, HEARING_METERS } from './hearing.js';
import { chanceRate, type Scene } from './scene.js';
import { travelSeconds } from './travel-time.js';

const GATE_SECONDS = 0.08;
/** The reach that the vote supposes. */
const CARRIES_METERS = 700;
const STEP_METERS = 10;

/** The chance of hearing over distance in steps: asked for tens of thousands of times. */
const HEARS = Float64Array.from({ length: Math.ceil((3 * HEARING_METERS) / STEP_METERS) }, (_, i) =>
  hearingProbability((i + 0.5) * STEP_METERS, CARRIES_METERS),
);
const MISSES = HEARS.map((hears) => Math.log1p(-hears));

const tables = new Map<number, Float64Array>();

/** Log likelihood ratio of a hit by distance, for a pole with so many arrivals in the window. */
function hitTable(count: number): Float64Array {
  let table = tables.get(count);
  if (!table) {
    const chance = 1 - Math.exp(-chanceRate(count) * 2 * GATE_SECONDS);
    table = HEARS.map((hears) => Math.log((hears + (1 - hears) * chance) / chance));
    tables.set(count, table);
  }
  return table;
}

/**
 * The poles' say on places, in flat arrays: most of what an incident costs is asked here. `open` fills it for a scene;
 * it owns its arrays and they hold until the next `open`.
 */
export class Ballot {
  #scene: Scene | undefined;
  #poles = 0;
  /** From the founder's pole, metres. */
  #east = new Float64Array(64);
  #north = new Float64Array(64);
  /** Where a pole's arrivals begin in `#seconds`; one more than there are poles. */
  #begin = new Int32Array(65);
  #seconds = new Float64Array(512);
  #hits: Float64Array[] = [];

  open(scene: Scene): void {
    const { founder, listening } = scene;
    this.#scene = scene;
    this.#poles = 0;
    this.#hits.length = 0;
    if (listening.length > this.#east.length) {
      this.#east = new Float64Array(2 * listening.length);
      this.#north = new Float64Array(2 * listening.length);
      this.#begin = new Int32Array(2 * listening.length + 1);
    }
    const arrivals = listening.reduce((sum, pole) => sum + pole.arrivals.length, 0);
    if (arrivals > this.#seconds.length) this.#seconds = new Float64Array(2 * arrivals);
    let at = 0;
    for (const { pole, arrivals } of listening) {
      if (pole === founder.pole) continue;
      this.#east[this.#poles] = pole.east - founder.pole.east;
      this.#north[this.#poles] = pole.north - founder.pole.north;
      this.#begin[this.#poles] = at;
      for (const { seconds } of arrivals) this.#seconds[at++] = seconds;
      this.#hits.push(hitTable(arrivals.length));
      this.#poles++;
    }
    this.#begin[this.#poles] = at;
  }

  /**
   * Log likelihood ratio of a blast at a place (metres from the founder's pole) that made the founder; −∞ where fewer
   * than `fewest` poles hit, the founder's among them.
   */
  vote(east: number, north: number, fewest: number): number {
    const { air, nowSeconds } = this.#scene!;
    const { soundSpeed: c, windEast: wx, windNorth: wy } = air;
    const poles = this.#poles;
    const easts = this.#east;
    const norths = this.#north;
    const begins = this.#begin;
    const times = this.#seconds;
    const emission = -travelSeconds(-east, -north, c, wx, wy);
    const calm = c * c - wx * wx - wy * wy;
    let score = 0;
    let hitters = 1;
    for (let i = 0; i < poles; i++) {
      const dx = easts[i] - east;
      const dy = norths[i] - north;
      const squared = dx * dx + dy * dy;
      const along = wx * dx + wy * dy;
      const at = emission + (Math.sqrt(along * along + calm * squared) - along) / calm;
      if (at > nowSeconds) continue;
      const step = Math.min((Math.sqrt(squared) / STEP_METERS) | 0, HEARS.length - 1);
      const earliest = at - GATE_SECONDS;
      const end = begins[i + 1];
      let k = begins[i];
      while (k < end && times[k] < earliest) k++;
      if (k < end && times[k] <= at + GATE_SECONDS) {
        score += this.#hits[i][step];
        hitters++;
      } else score += MISSES[step];
    }
    return hitters < fewest ? -Infinity : score;
  }
}
