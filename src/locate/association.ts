import type { Air } from './air.js';
import type { HeardArrival } from './arrival-store.js';
import { fit } from './fit.js';
import { CARRIES_METERS, FOUNDER_METERS, hearingProbability } from './hearing.js';
import { levelNats, strengthNats } from './level-fit.js';
import { explainsBetter } from './precedence.js';
import { quickFit, type QuickInput } from './quick-fit.js';
import type { Candidate, Scene } from './scene.js';
import { chanceRate, seedPlaces } from './seeds.js';
import type { Solution } from './solver.js';
import { travelSeconds } from './travel-time.js';

/** A place that explains arrivals at several poles. */
export interface Hypothesis {
  members: HeardArrival[];
  solution: Solution;
  /** Log likelihood ratio (nats) of this one shot against chance, search included. */
  likelihood: number;
}

const LAST_GATE_SECONDS = 0.025;
const QUICK_GATES_SECONDS = [0.1, 0.07] as const;
const RANK_GATE_SECONDS = 0.05;
const GATES_SECONDS = [0.045, LAST_GATE_SECONDS] as const;
/** Of the ripened places so many are fitted in full. */
const REFINED = 3;
const APART_METERS = 15;
/** Independent places within reach: what looking everywhere costs. */
const SEARCH_NATS = 10;
const FEWEST = 3;

/** The place that best explains the founder and the arrivals of the other poles; undefined with too few of them. */
export function locateFounder(scene: Scene): Hypothesis | undefined {
  if (scene.candidates.size < FEWEST || scene.founder.arrival.clockUncertaintySeconds === undefined) {
    return undefined;
  }
  if (mostLikelihood(scene) <= 0) return undefined;
  let best: Hypothesis | undefined;
  for (const place of ripen(scene, seedPlaces(scene))) {
    const found = refine(scene, place);
    if (found && (!best || explainsBetter(found, best))) best = found;
  }
  return best;
}

/** What no place can exceed: every pole with candidates hits, none misses. */
function mostLikelihood({ candidates, settings }: Scene): number {
  const density = residualDensity(0, settings.propagationSpreadSeconds);
  let sum = -SEARCH_NATS;
  for (const arrivals of candidates.values()) sum += Math.log(density / chanceRate(arrivals.length - 1));
  return sum;
}

/** A few quick fits with narrowing gates for each seed; the places [east, north, emission] that then hit most. */
function ripen(scene: Scene, seeds: ReadonlyArray<readonly [number, number]>): Float64Array[] {
  const { listening, air } = scene;
  const input: QuickInput = {
    count: 0,
    east: new Float64Array(listening.length),
    north: new Float64Array(listening.length),
    seconds: new Float64Array(listening.length),
  };
  const ripe = seeds.flatMap((seed) => {
    const { pole } = scene.founder;
    const dx = pole.east - seed[0];
    const dy = pole.north - seed[1];
    const place = Float64Array.of(
      seed[0],
      seed[1],
      -travelSeconds(dx, dy, air.soundSpeed, air.windEast, air.windNorth),
    );
    for (const gate of QUICK_GATES_SECONDS) {
      const members = membersWithin(scene, place, air, gate);
      if (members.length < FEWEST) return [];
      input.count = members.length;
      members.forEach(({ heard, seconds }, i) => {
        input.east[i] = heard.pole.east;
        input.north[i] = heard.pole.north;
        input.seconds[i] = seconds;
      });
      if (!quickFit(input, air, place)) return [];
    }
    if (Math.hypot(place[0] - pole.east, place[1] - pole.north) > FOUNDER_METERS * 1.2) return [];
    const hits = membersWithin(scene, place, air, RANK_GATE_SECONDS);
    const worth = hits.reduce(
      (sum, { heard, off }) =>
        sum + Math.min(heard.arrival.strengthDb / 20, 1.5) + 1 - 0.5 * (off / RANK_GATE_SECONDS) ** 2,
      0,
    );
    return [{ place, worth }];
  });
  ripe.sort((a, b) => b.worth - a.worth);
  const apart: Float64Array[] = [];
  for (const { place } of ripe) {
    if (apart.every((p) => Math.hypot(p[0] - place[0], p[1] - place[1]) > APART_METERS)) apart.push(place);
    if (apart.length === REFINED) break;
  }
  return apart;
}

/** Gates narrower and narrower round the last fit, one arrival a pole, each time fitted anew, the air with them. */
function refine(scene: Scene, start: Float64Array): Hypothesis | undefined {
  const { founder, settings } = scene;
  const bounds = { east: founder.pole.east, north: founder.pole.north, radiusMeters: FOUNDER_METERS * 1.2 };
  let place: ArrayLike<number> = start;
  let air = scene.air;
  let members: HeardArrival[] = [];
  let solution: Solution | undefined;
  for (const gate of GATES_SECONDS) {
    members = membersWithin(scene, place, air, gate).map(({ heard }) => heard);
    if (members.length < FEWEST) return undefined;
    solution = fit({
      shots: [members],
      referenceNanos: founder.timeNanos,
      air: scene.air,
      settings,
      starts: [[place[0], place[1]]],
      bounds,
      toleranceMeters: gate === LAST_GATE_SECONDS ? 0.05 : 2,
    });
    place = [solution.east, solution.north, solution.emissionSeconds[0]];
    air = solution.air;
  }
  if (!solution || !members.includes(founder)) return undefined;
  return { members, solution, likelihood: likelihood(scene, solution, members) - SEARCH_NATS };
}

/** At each pole the arrival nearest to what (east, north, emission) predicts, where it is within the gate. */
function membersWithin(
  { listening, candidates }: Scene,
  place: ArrayLike<number>,
  air: Air,
  gate: number,
): Array<{ heard: HeardArrival; seconds: number; off: number }> {
  const members: Array<{ heard: HeardArrival; seconds: number; off: number }> = [];
  const { soundSpeed: c, windEast: wx, windNorth: wy } = air;
  for (const pole of listening) {
    const arrivals = candidates.get(pole.index);
    if (!arrivals) continue;
    const expected = place[2] + travelSeconds(pole.east - place[0], pole.north - place[1], c, wx, wy);
    let best: HeardArrival | undefined;
    let at = 0;
    let off = gate;
    for (const { heard, seconds } of arrivals) {
      const away = Math.abs(seconds - expected);
      if (away <= off) {
        off = away;
        at = seconds;
        best = heard;
      }
    }
    if (best) members.push({ heard: best, seconds: at, off });
  }
  return members;
}

/**
 * Log likelihood ratio of "one blast here" against "each pole hears what it always hears": hits by how well they fit
 * in time against the pole's own rate of arrivals, misses by how surely the pole should have heard. The reach of the
 * blast is unknown, so the best of a few is taken.
 */
export function likelihood(scene: Scene, solution: Solution, members: readonly HeardArrival[]): number {
  const { listening, candidates, settings, nowSeconds } = scene;
  const { air } = solution;
  const residualOf = new Map(members.map((heard, i) => [heard.pole.index, solution.residualSeconds[i]]));
  const levels = levelNats(
    members.map((heard) => ({
      heard,
      meters: Math.hypot(heard.pole.east - solution.east, heard.pole.north - solution.north),
      usualLevelDb: usualLevel(candidates.get(heard.pole.index) ?? [], heard),
    })),
  );
  const marks = new Map(
    members.map((heard, i) => {
      const arrivals = candidates.get(heard.pole.index) ?? [];
      const echo = arrivals.find((candidate) => candidate.heard === heard)?.echoNats ?? 0;
      const nats = echo + levels[i] + strengthNats(heard.arrival.strengthDb);
      return [heard.pole.index, { rate: chanceRate(arrivals.length - 1), nats }];
    }),
  );
  let best = -Infinity;
  for (const carries of CARRIES_METERS) {
    let sum = 0;
    for (const pole of listening) {
      const dx = pole.east - solution.east;
      const dy = pole.north - solution.north;
      const hears = hearingProbability(Math.hypot(dx, dy), carries);
      const residual = residualOf.get(pole.index);
      if (residual !== undefined) {
        const density = residualDensity(residual, settings.propagationSpreadSeconds);
        const { rate, nats } = marks.get(pole.index)!;
        sum += Math.log((hears * density) / rate + (1 - hears)) + nats;
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

/** Mean level of the other arrivals at a pole; a hush of 20 dB below this one where there are none. */
function usualLevel(arrivals: readonly Candidate[], but: HeardArrival): number {
  const others = arrivals.filter(({ heard }) => heard !== but).map(({ heard }) => heard.arrival.levelDb);
  // One quiet sound is always supposed, so that a single other arrival does not tell all.
  const quiet = but.arrival.levelDb - 10;
  return (quiet + others.reduce((sum, level) => sum + level, 0)) / (others.length + 1);
}

/** Most direct sounds fit far better than the spread that an ellipse needs; some, bent round roofs, far worse. */
function residualDensity(residual: number, spread: number): number {
  const gauss = (sigma: number) =>
    Math.exp(-0.5 * (residual / sigma) ** 2) / (sigma * Math.sqrt(2 * Math.PI));
  return 0.75 * gauss(spread / 2) + 0.25 * gauss(spread * 1.5);
}
