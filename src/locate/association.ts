import type { Air } from './air.js';
import type { ArrivalStore, HeardArrival } from './arrival-store.js';
import { fit } from './fit.js';
import { chanceRate, seedPlaces } from './seeds.js';
import { CARRIES_METERS, FOUNDER_METERS, hearingProbability } from './hearing.js';
import type { Settings } from './options.js';
import type { MappedPole } from './pole-map.js';
import type { Solution } from './solver.js';
import { travelSeconds } from './travel-time.js';

/** What the poles round a strong arrival can say of it. */
export interface Scene {
  founder: HeardArrival;
  /** Poles that listened (live, with a feed), the founder's among them. */
  listening: readonly MappedPole[];
  /** Arrivals at those poles that may belong, by pole index. */
  candidates: ReadonlyMap<number, readonly HeardArrival[]>;
  /** Site time: what should have come later says nothing yet. */
  nowSeconds: number;
  air: Air;
  settings: Settings;
}

/** A place that explains arrivals at several poles. */
export interface Hypothesis {
  members: HeardArrival[];
  solution: Solution;
  /** Log likelihood ratio (nats) of this one shot against chance, search included. */
  likelihood: number;
}

const GATES_SECONDS = [0.1, 0.07, 0.04, 0.025] as const;
/** Independent places within reach: what looking everywhere costs. */
const SEARCH_NATS = 10;
const FEWEST = 3;

/**
 * Gathers what may belong to a founder: at each pole within hearing, the arrivals whose time differs by at most the
 * distance between the poles over the speed of sound.
 */
export function gather(
  founder: HeardArrival,
  poles: readonly MappedPole[],
  store: ArrivalStore,
  free: (heard: HeardArrival) => boolean,
  air: Air,
): Map<number, HeardArrival[]> {
  const found = new Map<number, HeardArrival[]>([[founder.pole.index, [founder]]]);
  const slowest = air.soundSpeed - 2 * air.soundSpeedSigma - Math.hypot(air.windEast, air.windNorth);
  for (const pole of poles) {
    if (pole.index === founder.pole.index) continue;
    const distance = Math.hypot(pole.east - founder.pole.east, pole.north - founder.pole.north);
    const reach = BigInt(Math.round((distance / slowest + 0.07) * 1e9));
    const arrivals = store
      .between(pole, founder.timeNanos - reach, founder.timeNanos + reach)
      .filter((heard) => heard.arrival.clockUncertaintySeconds !== undefined && free(heard));
    if (arrivals.length > 0) found.set(pole.index, arrivals);
  }
  return found;
}

/** The place that best explains the founder and the arrivals of the other poles; undefined with too few of them. */
export function locateFounder(scene: Scene): Hypothesis | undefined {
  if (scene.candidates.size < FEWEST || scene.founder.arrival.clockUncertaintySeconds === undefined) {
    return undefined;
  }
  let best: Hypothesis | undefined;
  for (const start of seedPlaces(scene)) {
    const found = refine(scene, start);
    if (found && (!best || found.likelihood > best.likelihood)) best = found;
  }
  return best;
}

/** Gates narrower and narrower round the last fit, one arrival a pole, each time fitted anew. */
function refine(scene: Scene, start: readonly [number, number]): Hypothesis | undefined {
  const { founder, air, settings } = scene;
  const bounds = { east: founder.pole.east, north: founder.pole.north, radiusMeters: FOUNDER_METERS * 1.2 };
  let place: readonly [number, number] = start;
  let emission = -travelSeconds(
    founder.pole.east - start[0],
    founder.pole.north - start[1],
    air.soundSpeed,
    air.windEast,
    air.windNorth,
  );
  let members: HeardArrival[] = [];
  let solution: Solution | undefined;
  for (const gate of GATES_SECONDS) {
    members = membersWithin(scene, place, emission, gate);
    if (members.length < FEWEST) return undefined;
    solution = fit({
      shots: [members],
      referenceNanos: founder.timeNanos,
      air,
      settings,
      starts: [place],
      bounds,
    });
    place = [solution.east, solution.north];
    emission = solution.emissionSeconds[0];
  }
  if (!solution || !members.includes(founder)) return undefined;
  return { members, solution, likelihood: likelihood(scene, solution, members) - SEARCH_NATS };
}

function membersWithin(
  { founder, listening, candidates, air }: Scene,
  [east, north]: readonly [number, number],
  emission: number,
  gate: number,
): HeardArrival[] {
  const members: HeardArrival[] = [];
  for (const pole of listening) {
    const arrivals = candidates.get(pole.index);
    if (!arrivals) continue;
    const expected =
      emission +
      travelSeconds(pole.east - east, pole.north - north, air.soundSpeed, air.windEast, air.windNorth);
    let best: HeardArrival | undefined;
    let off = gate;
    for (const heard of arrivals) {
      const away = Math.abs(Number(heard.timeNanos - founder.timeNanos) / 1e9 - expected);
      if (away <= off) {
        off = away;
        best = heard;
      }
    }
    if (best) members.push(best);
  }
  return members;
}

/**
 * Log likelihood ratio of "one blast here" against "each pole hears what it always hears": hits by how well they fit
 * in time against the pole's own rate of arrivals, misses by how surely the pole should have heard. The reach of the
 * blast is unknown, so the best of a few is taken.
 */
export function likelihood(scene: Scene, solution: Solution, members: readonly HeardArrival[]): number {
  const { air, listening, candidates, settings, nowSeconds } = scene;
  const residualOf = new Map(members.map((heard, i) => [heard.pole.index, solution.residualSeconds[i]]));
  let best = -Infinity;
  for (const carries of CARRIES_METERS) {
    let sum = 0;
    for (const pole of listening) {
      const dx = pole.east - solution.east;
      const dy = pole.north - solution.north;
      const hears = hearingProbability(Math.hypot(dx, dy), carries);
      const residual = residualOf.get(pole.index);
      if (residual !== undefined) {
        const sigma = settings.propagationSpreadSeconds;
        const density = Math.exp(-0.5 * (residual / sigma) ** 2) / (sigma * Math.sqrt(2 * Math.PI));
        const rate = chanceRate((candidates.get(pole.index)?.length ?? 1) - 1);
        sum += Math.log((hears * density) / rate + (1 - hears));
      } else {
        const expected =
          solution.emissionSeconds[0] + travelSeconds(dx, dy, air.soundSpeed, air.windEast, air.windNorth);
        if (expected + 0.05 < nowSeconds) sum += Math.log1p(-hears);
      }
    }
    best = Math.max(best, sum);
  }
  return best;
}
