import { secondsToNanos, type Nanos } from '../audio/index.js';
import type { HeardArrival } from './arrival-store.js';
import { hearingProbability } from './hearing.js';
import { secondsIn, type ImpulseIncident, type Shot } from './impulse.js';
import type { MappedPole } from './pole-map.js';
import { travelSeconds } from './travel-time.js';

type Available = (pole: MappedPole, from: Nanos, to: Nanos) => readonly HeardArrival[];

const JOIN_GATE_SECONDS = 0.04;
/** From one place each pole is late by the same bent path again and again: the gate is narrow once that is known. */
const KNOWN_GATE_SECONDS = 0.02;
const KNOWN_SIGMA_SECONDS = 0.006;
const NEW_GATE_SECONDS = 0.03;
const NEW_SIGMA_SECONDS = 0.013;
/** Two shots of one place are at least so far apart. */
const APART_SECONDS = 0.045;
const LONGEST_SECONDS = 8;
/** Nats: what trying every instant of some seconds costs, and what must be left. */
const SEARCH_NATS = 5;
const SHOT_NATS = 5;
const FEWEST_POLES = 3;
/** The strongest arrivals are tried as further shots, so many at a time. */
const MOST_SEEDS = 24;

/** Seconds of travel to a pole from the incident's place, with the pole's own delay where earlier shots showed it. */
function delays(incident: ImpulseIncident): (pole: MappedPole) => { seconds: number; known: boolean } {
  const { solution, residuals } = incident;
  if (!solution) throw new RangeError('delays need a located incident');
  const { air } = solution;
  const sums = new Map<number, { sum: number; count: number }>();
  for (const [{ pole }, residual] of residuals) {
    const known = sums.get(pole.index) ?? { sum: 0, count: 0 };
    known.sum += residual;
    known.count++;
    sums.set(pole.index, known);
  }
  return (pole) => {
    const travel = travelSeconds(
      pole.east - solution.east,
      pole.north - solution.north,
      air.soundSpeed,
      air.windEast,
      air.windNorth,
    );
    const bias = sums.get(pole.index);
    return { seconds: travel + (bias ? bias.sum / bias.count : 0), known: bias !== undefined };
  };
}

/** Arrivals at poles that have none in this shot yet and fit its emission. */
export function joinShot(
  incident: ImpulseIncident,
  shot: Shot,
  listening: readonly MappedPole[],
  available: Available,
): HeardArrival[] {
  if (shot.emissionSeconds === undefined) return [];
  const delay = delays(incident);
  const has = new Set(shot.members.map(({ pole }) => pole.index));
  const joined: HeardArrival[] = [];
  for (const pole of listening) {
    if (has.has(pole.index)) continue;
    const { seconds, known } = delay(pole);
    const gate = known ? KNOWN_GATE_SECONDS : JOIN_GATE_SECONDS;
    const heard = nearest(incident, pole, shot.emissionSeconds + seconds, gate, available);
    if (heard) joined.push(heard);
  }
  return joined;
}

/** Further shots from the incident's place: instants of emission at which several poles' arrivals agree. */
export function findRepeats(
  incident: ImpulseIncident,
  listening: readonly MappedPole[],
  available: Available,
  now: Nanos,
): Shot[] {
  const delay = delays(incident);
  const from = incident.founder.timeNanos - secondsToNanos(LONGEST_SECONDS);
  const nowSeconds = secondsIn(incident, now);
  const free = listening.map((pole): FreePole => {
    const { seconds, known } = delay(pole);
    const arrivals = available(pole, from, now).map((heard) => ({
      heard,
      seconds: secondsIn(incident, heard.timeNanos),
    }));
    return { pole, arrivals, seconds, known };
  });
  const emissions = incident.shots.flatMap(({ emissionSeconds }) => emissionSeconds ?? []);
  const isNew = (emission: number) => emissions.every((known) => Math.abs(known - emission) >= APART_SECONDS);
  const seeds = free
    .flatMap(({ arrivals, seconds, known }) =>
      known
        ? arrivals.flatMap(({ heard, seconds: at }) =>
            heard.strong && isNew(at - seconds) ? [{ heard, emission: at - seconds }] : [],
          )
        : [],
    )
    .sort((a, b) => b.heard.arrival.strengthDb - a.heard.arrival.strengthDb || a.emission - b.emission)
    .slice(0, MOST_SEEDS);
  const found: Shot[] = [];
  const taken = new Set<HeardArrival>();
  const ranked = seeds
    .flatMap(({ heard, emission }) => {
      const shot = gatherShot(incident, free, heard, emission, nowSeconds, taken);
      return shot ? [shot] : [];
    })
    .sort((a, b) => b.likelihood - a.likelihood);
  for (const shot of ranked) {
    if (shot.members.some((heard) => taken.has(heard))) continue;
    if (!isNew(shot.emissionSeconds!)) continue;
    for (const heard of shot.members) taken.add(heard);
    emissions.push(shot.emissionSeconds!);
    found.push(shot);
  }
  return found;
}

interface FreePole {
  pole: MappedPole;
  arrivals: ReadonlyArray<{ heard: HeardArrival; seconds: number }>;
  /** Travel, with the pole's own delay. */
  seconds: number;
  known: boolean;
}

function gatherShot(
  incident: ImpulseIncident,
  free: readonly FreePole[],
  founder: HeardArrival,
  emission: number,
  nowSeconds: number,
  taken: ReadonlySet<HeardArrival>,
): Shot | undefined {
  const { solution } = incident;
  if (!solution) return undefined;
  const members: HeardArrival[] = [];
  let nats = -SEARCH_NATS;
  for (const { pole, arrivals, seconds, known } of free) {
    const expected = emission + seconds;
    const gate = known ? KNOWN_GATE_SECONDS : NEW_GATE_SECONDS;
    let best: HeardArrival | undefined;
    let off = gate;
    let near = 0;
    for (const { heard, seconds: at } of arrivals) {
      const away = Math.abs(at - expected);
      if (away < 1) near++;
      if (away <= off && !taken.has(heard)) {
        off = away;
        best = heard;
      }
    }
    const distance = Math.hypot(pole.east - solution.east, pole.north - solution.north);
    // A pole that heard the first shot will hear the next ones from there.
    const hears = known ? 0.9 : 0.5 * hearingProbability(distance, 500);
    if (best) {
      members.push(best);
      const sigma = known ? KNOWN_SIGMA_SECONDS : NEW_SIGMA_SECONDS;
      const density = Math.exp(-0.5 * (off / sigma) ** 2) / (sigma * Math.sqrt(2 * Math.PI));
      nats += Math.log((hears * density) / ((near + 0.5) / 2) + (1 - hears));
    } else if (expected + 0.05 < nowSeconds) {
      nats += Math.log1p(-hears);
    }
  }
  if (members.length < FEWEST_POLES || nats < SHOT_NATS) return undefined;
  return { founder, members, likelihood: nats, emissionSeconds: emission };
}

function nearest(
  incident: ImpulseIncident,
  pole: MappedPole,
  expectedSeconds: number,
  gateSeconds: number,
  available: Available,
): HeardArrival | undefined {
  const at = incident.founder.timeNanos + secondsToNanos(expectedSeconds);
  const gate = secondsToNanos(gateSeconds);
  let best: HeardArrival | undefined;
  let off = Infinity;
  for (const heard of available(pole, at - gate, at + gate)) {
    const away = Math.abs(Number(heard.timeNanos - at));
    if (away < off) {
      off = away;
      best = heard;
    }
  }
  return best;
}
