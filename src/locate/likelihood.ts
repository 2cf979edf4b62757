import type { Air } from './air.js';
import { CARRIES_METERS, hearingProbability } from './hearing.js';
import { levelNats, type Levels } from './level-fit.js';
import type { Candidate, Scene } from './scene.js';
import { travelSeconds } from './travel-time.js';

/** Independent places within reach: what looking everywhere costs. */
const SEARCH_NATS = 10;
const FEWEST_LEVELS = 3;
/** What should have come so lately may still come. */
const LATE_SECONDS = 0.05;

/** A supposed emission. */
export interface Emission {
  east: number;
  north: number;
  /** After the founder. */
  seconds: number;
  air: Air;
}

/** Of each listening pole, in the scene's order, the arrival that is the blast's, if one is. */
export type Picks = ReadonlyArray<Candidate | undefined>;

// Working memory of `likelihood`, which calls nobody that calls it again.
const levels: Levels = { count: 0, ...room(64) };
let nats = new Float64Array(64);

function room(length: number): Omit<Levels, 'count'> {
  return {
    levelDb: new Float64Array(length),
    meters: new Float64Array(length),
    usualDb: new Float64Array(length),
  };
}

/**
 * Log likelihood ratio, search included, of "one blast here" against "each pole hears what it always hears": hits by how
 * well they fit in time against the pole's own rate of arrivals, misses by how surely the pole should have heard. The
 * reach of the blast is unknown, so the best of a few is taken. `residuals`: seconds of each pick in the scene's order;
 * without them all fit perfectly, which is more than any place near can reach.
 */
export function likelihood(scene: Scene, at: Emission, picks: Picks, residuals?: ArrayLike<number>): number {
  const { listening, settings, nowSeconds } = scene;
  const { soundSpeed: c, windEast: wx, windNorth: wy } = at.air;
  const count = listening.length;
  if (count > nats.length) {
    Object.assign(levels, room(2 * count));
    nats = new Float64Array(2 * count);
  }
  weighLevels(scene, at, picks);
  const sums = [-SEARCH_NATS, -SEARCH_NATS, -SEARCH_NATS];
  let member = 0;
  for (let i = 0; i < count; i++) {
    const { pole, chanceRate } = listening[i];
    const dx = pole.east - at.east;
    const dy = pole.north - at.north;
    const meters = Math.sqrt(dx * dx + dy * dy);
    const pick = picks[i];
    if (pick) {
      const density = residualDensity(residuals ? residuals[i] : 0, settings.propagationSpreadSeconds);
      const more = pick.nats + nats[member++];
      for (let k = 0; k < sums.length; k++) {
        const hears = hearingProbability(meters, CARRIES_METERS[k]);
        sums[k] += Math.log((hears * density) / chanceRate + (1 - hears)) + more;
      }
    } else if (at.seconds + travelSeconds(dx, dy, c, wx, wy) + LATE_SECONDS < nowSeconds) {
      for (let k = 0; k < sums.length; k++)
        sums[k] += Math.log1p(-hearingProbability(meters, CARRIES_METERS[k]));
    }
  }
  return Math.max(...sums);
}

/** Nats of each pick's level, in order, into `nats`. */
function weighLevels({ listening }: Scene, at: Emission, picks: Picks): void {
  let count = 0;
  let calibrated = 0;
  for (let i = 0; i < listening.length; i++) {
    const pick = picks[i];
    if (!pick) continue;
    const { pole, arrivals } = listening[i];
    const dx = pole.east - at.east;
    const dy = pole.north - at.north;
    levels.levelDb[count] = pick.heard.arrival.levelDb;
    levels.meters[count] = Math.sqrt(dx * dx + dy * dy);
    levels.usualDb[count] = usualLevel(arrivals, pick);
    count++;
    if (pole.fullScaleDbSpl !== undefined) calibrated++;
  }
  levels.count = count;
  // Levels of poles with and without a known full scale are not comparable, and two tell nothing of fading.
  if (count >= FEWEST_LEVELS && (calibrated === 0 || calibrated === count)) levelNats(levels, nats);
  else nats.fill(0, 0, count);
}

/** Mean level of the other arrivals at a pole; a hush of 10 dB below this one where there are none. */
function usualLevel(arrivals: readonly Candidate[], but: Candidate): number {
  // One quiet sound is always supposed, so that a single other arrival does not tell all.
  let sum = but.heard.arrival.levelDb - 10;
  for (const other of arrivals) if (other !== but) sum += other.heard.arrival.levelDb;
  return sum / arrivals.length;
}

/** What no place can exceed: every pole with candidates hits perfectly, none misses. */
export function mostLikelihood({ listening, settings }: Scene): number {
  const density = residualDensity(0, settings.propagationSpreadSeconds);
  let sum = -SEARCH_NATS;
  for (const { arrivals, chanceRate } of listening)
    if (arrivals.length > 0) sum += Math.log(density / chanceRate);
  return sum;
}

/** Most direct sounds fit far better than the spread that an ellipse needs; some, bent round roofs, far worse. */
function residualDensity(residual: number, spread: number): number {
  const near = residual / (spread / 2);
  const far = residual / (spread * 1.5);
  const scale = 1 / (spread * Math.sqrt(2 * Math.PI));
  return scale * (1.5 * Math.exp(-0.5 * near * near) + (0.25 / 1.5) * Math.exp(-0.5 * far * far));
}
