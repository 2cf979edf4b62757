import type { Air } from './air.js';
import type { HeardArrival } from './arrival-store.js';
import { covering, rim } from './cover.js';
import { arrivalSigma } from './fit.js';
import { CARRIES_METERS, HEARING_METERS, hearingProbabilityOfSquared } from './hearing.js';
import { LARGEST_FAULT_SECONDS } from './integrity.js';
import type { Settings } from './options.js';
import type { MappedPole } from './pole-map.js';
import { travelSeconds } from './travel-time.js';
import { CHI_SQUARED_95 } from './uncertainty.js';

/** Where a source may have been: the middle and spread of all places that explain what was heard and what was not. */
export interface Region {
  east: number;
  north: number;
  /** m²: [ee, en, nn]. */
  covariance: readonly [number, number, number];
}

const REACH_METERS = HEARING_METERS;
const STEP_METERS = 50;
/** A cell's own width in time, seconds (uniform). */
const CELL_SIGMA_SECONDS = STEP_METERS / 340 / Math.sqrt(12);
/** Middles of the cells, from the first pole. */
const CELLS = cellsRound();
/** A cell so much less likely than the likeliest is left out. */
const LEAST_NATS = 20;
/** The chance of what was heard, summed over how far a blast carries, is no more than this. */
const MOST_HEARD_NATS = Math.log(CARRIES_METERS.length);
/** Times that fit no place of a supposition better than this, in nats a time left over, speak against it. */
const BELIEVED_NATS = 5.5;

/** Squared, in σ: how far the measured directions point past this place; a cell's own width is allowed for. */
function bearingMisfit(members: readonly HeardArrival[], east: number, north: number): number {
  let sum = 0;
  for (const { pole, arrival } of members) {
    const { bearingDegrees, bearingUncertaintyDegrees } = arrival;
    if (bearingDegrees === undefined || bearingUncertaintyDegrees === undefined) continue;
    const dx = east - pole.east;
    const dy = north - pole.north;
    const off = (bearingDegrees * Math.PI) / 180 - Math.atan2(dx, dy);
    const wrapped = Math.atan2(Math.sin(off), Math.cos(off));
    const cell = STEP_METERS / Math.sqrt(12) / Math.max(Math.hypot(dx, dy), STEP_METERS);
    sum += wrapped ** 2 / (((bearingUncertaintyDegrees * Math.PI) / 180) ** 2 + cell ** 2);
  }
  return sum;
}

/** Where some poles stand, flat: asked at thousands of places. */
class Ears {
  readonly #east: Float64Array;
  readonly #north: Float64Array;
  readonly #heard: number;

  constructor(members: readonly HeardArrival[], silent: readonly MappedPole[]) {
    const poles = [...members.map(({ pole }) => pole), ...silent];
    this.#east = Float64Array.from(poles, ({ east }) => east);
    this.#north = Float64Array.from(poles, ({ north }) => north);
    this.#heard = members.length;
  }

  /** Chance that just the members hear a blast at a place, summed over how far it may carry. */
  chance(east: number, north: number): number {
    let sum = 0;
    for (const carries of CARRIES_METERS) {
      let product = 1;
      for (let i = 0; i < this.#east.length; i++) {
        const dx = this.#east[i] - east;
        const dy = this.#north[i] - north;
        const hears = hearingProbabilityOfSquared(dx * dx + dy * dy, carries);
        product *= i < this.#heard ? hears : 1 - hears;
      }
      sum += product;
    }
    return sum;
  }
}

/**
 * For too few arrivals to solve, or times that fit no place: the posterior mean over a grid round the first pole, and a
 * covariance whose ellipse holds what any one wrong clock or pole would make of it. Each place is weighed by the times of
 * the arrivals with known clocks (emission fitted), and by which poles heard and which did not, averaged over how far the
 * blast may carry; then again without each single time in turn. Always proper: one pole alone gives a circle of its
 * earshot.
 */
export function plausibleRegion(
  members: readonly HeardArrival[],
  silent: readonly MappedPole[],
  referenceNanos: bigint,
  air: Air,
  settings: Settings,
): Region {
  const timed = members.filter(({ arrival }) => arrival.clockUncertaintySeconds !== undefined);
  const seconds = timed.map(({ timeNanos }) => Number(timeNanos - referenceNanos) / 1e9);
  const weight = timed.map(
    (heard) => 1 / (arrivalSigma(heard, air, settings) ** 2 + CELL_SIGMA_SECONDS ** 2),
  );
  const { east: east0, north: north0 } = members[0].pole;
  const ears = new Ears(members, silent);
  const isDirected = members.some(({ arrival }) => arrival.bearingDegrees !== undefined);
  const { soundSpeed: c, windEast: wx, windNorth: wy } = air;
  // First what all times say, then what they say without one of them.
  const trusted = cloud(0, 0);
  const without = timed.length > 1 ? timed.map((_, i) => cloud(i + 1, LARGEST_FAULT_SECONDS)) : [];
  const emissions = new Float64Array(timed.length);
  for (let at = 0; at < CELLS.length; at++) {
    const east = east0 + CELLS[at].east;
    const north = north0 + CELLS[at].north;
    let sum = 0;
    let weights = 0;
    let squares = 0;
    for (let i = 0; i < timed.length; i++) {
      const { pole } = timed[i];
      const emission = seconds[i] - travelSeconds(pole.east - east, pole.north - north, c, wx, wy);
      emissions[i] = emission;
      sum += weight[i] * emission;
      squares += weight[i] * emission * emission;
      weights += weight[i];
    }
    let counts = trusted.meet(weights > 0 ? squares - (sum * sum) / weights : 0, 0);
    for (let i = 0; i < without.length; i++) {
      const left = sum - weight[i] * emissions[i];
      const mean = left / (weights - weight[i]);
      const misfit = squares - weight[i] * emissions[i] ** 2 - left * mean;
      if (without[i].meet(misfit, Math.abs(emissions[i] - mean))) counts = true;
    }
    // Who hears what at a place costs more than the times: asked only where these leave it open.
    if (!counts) continue;
    const heard =
      Math.log(ears.chance(east, north) + 1e-300) -
      (isDirected ? bearingMisfit(members, east, north) / 2 : 0);
    trusted.weigh(at, heard);
    for (let i = 0; i < without.length; i++) without[i].weigh(at, heard);
  }
  const free = timed.length - 3;
  const believed = [
    ...(trusted.leastMisfit / 2 < BELIEVED_NATS * Math.max(free, 1) ? [trusted] : []),
    ...without.filter((one) => one.leastMisfit / 2 < BELIEVED_NATS * Math.max(free - 1, 1)),
  ];
  const regions = (believed.length > 0 ? believed : [trusted]).map((one) => one.moments());
  const [{ east, north, covariance }] = regions;
  const sigmas = Math.sqrt(CHI_SQUARED_95);
  const points = regions.flatMap((one) =>
    rim(one.covariance, sigmas, 8).map(([e, n]) => [one.east + e - east, one.north + n - north] as const),
  );
  return {
    east: east0 + east,
    north: north0 + north,
    covariance: regions.length > 1 ? covering(points) : covariance,
  };
}

function cellsRound(): Array<{ east: number; north: number }> {
  const steps = Math.ceil(REACH_METERS / STEP_METERS);
  const cells = [];
  for (let i = -steps; i <= steps; i++)
    for (let k = -steps; k <= steps; k++)
      if (i * i + k * k <= steps * steps) cells.push({ east: i * STEP_METERS, north: k * STEP_METERS });
  // Likely ones first, so that the others are soon known as such.
  return cells.sort((a, b) => Math.hypot(a.east, a.north) - Math.hypot(b.east, b.north));
}

/** Working memory of `plausibleRegion`, which calls nobody that calls it again: 23 kB each. */
const clouds: Cloud[] = [];

function cloud(which: number, largestFault: number): Cloud {
  const one = (clouds[which] ??= new Cloud());
  one.clear(largestFault);
  return one;
}

/** One supposition's weight at each cell. */
class Cloud {
  readonly #logs = new Float64Array(CELLS.length);
  #top = -Infinity;
  #misfit = Infinity;
  #largestFault = 0;
  leastMisfit = Infinity;

  /** `largestFault`: of the time left out; 0 where none is. */
  clear(largestFault: number): void {
    this.#logs.fill(-Infinity);
    this.#top = -Infinity;
    this.#largestFault = largestFault;
    this.leastMisfit = Infinity;
  }

  /** The times' say on the next cell: false where it is left out whoever heard what. */
  meet(misfit: number, fault: number): boolean {
    this.#misfit = fault <= this.#largestFault ? misfit : Infinity;
    this.leastMisfit = Math.min(this.leastMisfit, this.#misfit);
    return MOST_HEARD_NATS - this.#misfit / 2 >= this.#top - LEAST_NATS;
  }

  weigh(at: number, heard: number): void {
    const log = heard - this.#misfit / 2;
    this.#logs[at] = log;
    if (log > this.#top) this.#top = log;
  }

  /** From the first pole. */
  moments(): Region {
    const top = this.#top;
    let [total, east, north, ee, en, nn] = [0, 0, 0, 0, 0, 0];
    for (let i = 0; i < this.#logs.length; i++) {
      if (this.#logs[i] < top - LEAST_NATS) continue;
      const w = Math.exp(this.#logs[i] - top);
      const { east: e, north: n } = CELLS[i];
      total += w;
      east += w * e;
      north += w * n;
      ee += w * e * e;
      en += w * e * n;
      nn += w * n * n;
    }
    east /= total;
    north /= total;
    const cell = STEP_METERS ** 2 / 12;
    return {
      east,
      north,
      covariance: [
        ee / total - east * east + cell,
        en / total - east * north,
        nn / total - north * north + cell,
      ],
    };
  }
}
