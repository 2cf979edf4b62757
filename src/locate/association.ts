import type { Air } from './air.js';
import type { HeardArrival } from './arrival-store.js';
import { fit } from './fit.js';
import { FOUNDER_METERS } from './hearing.js';
import { likelihood, mostLikelihood, type Picks } from './likelihood.js';
import { explainsBetter } from './precedence.js';
import { quickFit, type QuickInput } from './quick-fit.js';
import type { Candidate, HearingPole, Scene } from './scene.js';
import { seedPlaces } from './seeds.js';
import type { Solution } from './solver.js';
import { travelSeconds } from './travel-time.js';

/** A place that explains arrivals at several poles. */
export interface Hypothesis {
  members: HeardArrival[];
  solution: Solution;
  /** Log likelihood ratio (nats) of this one shot against chance, search included. */
  likelihood: number;
}

/** What is worth finding: a place that fewer poles or less likelihood bear out changes nothing. */
export interface Wanted {
  poles: number;
  nats: number;
}

const LAST_GATE_SECONDS = 0.025;
const QUICK_GATES_SECONDS = [0.1, 0.07] as const;
const RANK_GATE_SECONDS = 0.05;
const GATES_SECONDS = [0.045, LAST_GATE_SECONDS] as const;
/** Of the ripened places so many are fitted in full. */
const REFINED = 3;
const APART_METERS = 15;
/** A full fit moves a place a little: by so much may it then be likelier than the promise of the ripened one. */
const PROMISE_SLACK_NATS = 3;

/** The place that best explains the founder and the arrivals of the other poles; undefined where none is worth it. */
export function locateFounder(scene: Scene, wanted: Wanted): Hypothesis | undefined {
  if (scene.heardAt < wanted.poles || scene.founder.arrival.clockUncertaintySeconds === undefined) {
    return undefined;
  }
  if (mostLikelihood(scene) <= 0) return undefined;
  let best: Hypothesis | undefined;
  for (const place of ripen(scene, seedPlaces(scene, wanted.poles), wanted)) {
    const found = refine(scene, place, wanted);
    if (found && (!best || explainsBetter(found, best))) best = found;
  }
  return best;
}

/**
 * A few quick fits with narrowing gates for each seed; the places [east, north, emission] that then hit most, without
 * those that cannot become what is wanted: there, even perfect times would not do.
 */
function ripen(
  scene: Scene,
  seeds: ReadonlyArray<readonly [number, number]>,
  wanted: Wanted,
): Float64Array[] {
  const { listening, air, founder } = scene;
  const { pole } = founder;
  const input: QuickInput = {
    count: 0,
    east: new Float64Array(listening.length),
    north: new Float64Array(listening.length),
    seconds: new Float64Array(listening.length),
  };
  const ripe: Array<{ place: Float64Array; worth: number }> = [];
  for (const [east, north] of seeds) {
    const { soundSpeed, windEast, windNorth } = air;
    const emission = -travelSeconds(pole.east - east, pole.north - north, soundSpeed, windEast, windNorth);
    const place = Float64Array.of(east, north, emission);
    if (!QUICK_GATES_SECONDS.every((gate) => quicken(scene, place, gate, input, wanted.poles))) continue;
    if (Math.hypot(place[0] - pole.east, place[1] - pole.north) > FOUNDER_METERS * 1.2) continue;
    const hits = picksWithin(scene, place, air, RANK_GATE_SECONDS);
    const at = { east: place[0], north: place[1], seconds: place[2], air };
    if (likelihood(scene, at, hits) + PROMISE_SLACK_NATS < wanted.nats) continue;
    ripe.push({ place, worth: worthOf(scene, place, hits) });
  }
  ripe.sort((a, b) => b.worth - a.worth);
  const apart: Float64Array[] = [];
  for (const { place } of ripe) {
    if (apart.every((p) => Math.hypot(p[0] - place[0], p[1] - place[1]) > APART_METERS)) apart.push(place);
    if (apart.length === REFINED) break;
  }
  return apart;
}

/** One quick fit of what lies within the gate; moves `place`. False where too few poles agree. */
function quicken(
  { listening, air }: Scene,
  place: Float64Array,
  gate: number,
  input: QuickInput,
  fewest: number,
): boolean {
  input.count = 0;
  for (const hearing of listening) {
    const pick = pickWithin(hearing, place, air, gate);
    if (!pick) continue;
    input.east[input.count] = hearing.pole.east;
    input.north[input.count] = hearing.pole.north;
    input.seconds[input.count] = pick.seconds;
    input.count++;
  }
  return input.count >= fewest && quickFit(input, air, place);
}

/** How well and how strongly the poles hit: for ranking places. */
function worthOf({ listening, air }: Scene, place: Float64Array, hits: Picks): number {
  const { soundSpeed: c, windEast: wx, windNorth: wy } = air;
  let sum = 0;
  for (let i = 0; i < hits.length; i++) {
    const hit = hits[i];
    if (!hit) continue;
    const { east, north } = listening[i].pole;
    const off =
      (hit.seconds - place[2] - travelSeconds(east - place[0], north - place[1], c, wx, wy)) /
      RANK_GATE_SECONDS;
    sum += Math.min(hit.heard.arrival.strengthDb / 20, 1.5) + 1 - 0.5 * off * off;
  }
  return sum;
}

/** Gates narrower and narrower round the last fit, one arrival a pole, each time fitted anew, the air with them. */
function refine(scene: Scene, start: Float64Array, wanted: Wanted): Hypothesis | undefined {
  const { founder, settings } = scene;
  const bounds = { east: founder.pole.east, north: founder.pole.north, radiusMeters: FOUNDER_METERS * 1.2 };
  let place: ArrayLike<number> = start;
  let air = scene.air;
  let picks: Picks = [];
  let members: HeardArrival[] = [];
  let solution: Solution | undefined;
  for (const gate of GATES_SECONDS) {
    picks = picksWithin(scene, place, air, gate);
    members = picks.flatMap((pick) => pick?.heard ?? []);
    if (members.length < wanted.poles) return undefined;
    solution = fit({
      shots: [members],
      referenceNanos: founder.timeNanos,
      air: scene.air,
      settings,
      starts: [[place[0], place[1]]],
      bounds,
      toleranceMeters: gate === LAST_GATE_SECONDS ? 0.5 : 5,
      placeOnly: true,
    });
    place = [solution.east, solution.north, solution.emissionSeconds[0]];
    air = solution.air;
  }
  if (!solution || !members.includes(founder)) return undefined;
  const residuals = new Float64Array(picks.length);
  let next = 0;
  for (let i = 0; i < picks.length; i++) if (picks[i]) residuals[i] = solution.residualSeconds[next++];
  const at = { east: solution.east, north: solution.north, seconds: solution.emissionSeconds[0], air };
  return { members, solution, likelihood: likelihood(scene, at, picks, residuals) };
}

/** At each pole the arrival nearest to what (east, north, emission) predicts, where it is within the gate. */
function picksWithin({ listening }: Scene, place: ArrayLike<number>, air: Air, gate: number): Picks {
  return listening.map((hearing) => pickWithin(hearing, place, air, gate));
}

function pickWithin(
  { pole, arrivals }: HearingPole,
  place: ArrayLike<number>,
  air: Air,
  gate: number,
): Candidate | undefined {
  if (arrivals.length === 0) return undefined;
  const { soundSpeed, windEast, windNorth } = air;
  const expected =
    place[2] + travelSeconds(pole.east - place[0], pole.north - place[1], soundSpeed, windEast, windNorth);
  let best: Candidate | undefined;
  let off = gate;
  for (let i = 0; i < arrivals.length; i++) {
    const later = arrivals[i].seconds - expected;
    if (later > off) break;
    const away = Math.abs(later);
    if (away > off) continue;
    off = away;
    best = arrivals[i];
  }
  return best;
}

/** What a known place is worth by what is known now: its members as they are, and the poles that stayed silent since. */
export function reassess(
  scene: Scene,
  members: readonly HeardArrival[],
  solution: Solution,
  emissionSeconds: number,
): number {
  const { east, north, air } = solution;
  const { soundSpeed: c, windEast, windNorth } = air;
  const picks = scene.listening.map(({ arrivals }) => arrivals.find(({ heard }) => members.includes(heard)));
  const residuals = picks.map((pick, i) => {
    const { pole } = scene.listening[i];
    const travel = travelSeconds(pole.east - east, pole.north - north, c, windEast, windNorth);
    return pick ? pick.seconds - emissionSeconds - travel : 0;
  });
  return likelihood(scene, { east, north, seconds: emissionSeconds, air }, picks, residuals);
}
