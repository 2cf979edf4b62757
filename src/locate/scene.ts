import { secondsToNanos } from '../audio/index.js';
import type { Air } from './air.js';
import type { ArrivalStore, HeardArrival } from './arrival-store.js';
import type { Settings } from './options.js';
import type { MappedPole } from './pole-map.js';

/** An arrival that may belong, with its seconds after the founder. */
export interface Candidate {
  heard: HeardArrival;
  seconds: number;
  /** Nats, at most 0: what speaks against it being a direct sound, as one came just before it. */
  echoNats: number;
}

/** What the poles round a strong arrival can say of it. */
export interface Scene {
  founder: HeardArrival;
  /** Poles that listened (live, with a feed), the founder's among them. */
  listening: readonly MappedPole[];
  /** Arrivals at those poles that may belong, by pole index, ascending. */
  candidates: ReadonlyMap<number, readonly Candidate[]>;
  /** Site time after the founder: what should have come later says nothing yet. */
  nowSeconds: number;
  air: Air;
  settings: Settings;
}

const SLACK_SECONDS = 0.07;
/** An arrival so soon after another is likely its echo, the more so where it is the weaker one. */
const ECHO_SECONDS = 0.35;
const ECHO_WEAKER_NATS = -2;
const ECHO_STRONGER_NATS = -0.7;

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
): Map<number, Candidate[]> {
  const found = new Map<number, Candidate[]>([
    [founder.pole.index, [{ heard: founder, seconds: 0, echoNats: 0 }]],
  ]);
  const slowest = air.soundSpeed - 2 * air.soundSpeedSigma - Math.hypot(air.windEast, air.windNorth);
  for (const pole of poles) {
    if (pole.index === founder.pole.index) continue;
    const distance = Math.hypot(pole.east - founder.pole.east, pole.north - founder.pole.north);
    const reach = BigInt(Math.round((distance / slowest + SLACK_SECONDS) * 1e9));
    const arrivals = store
      .between(pole, founder.timeNanos - reach - secondsToNanos(ECHO_SECONDS), founder.timeNanos + reach)
      .filter((heard) => heard.arrival.clockUncertaintySeconds !== undefined && free(heard))
      .map((heard) => ({ heard, seconds: Number(heard.timeNanos - founder.timeNanos) / 1e9, echoNats: 0 }));
    for (let i = 1; i < arrivals.length; i++) arrivals[i].echoNats = echoNats(arrivals, i);
    const earliest = -Number(reach) / 1e9;
    const possible = arrivals.filter(({ seconds }) => seconds >= earliest);
    if (possible.length > 0) found.set(pole.index, possible);
  }
  return found;
}

function echoNats(arrivals: readonly Candidate[], at: number): number {
  const { seconds, heard } = arrivals[at];
  let nats = 0;
  for (let i = at - 1; i >= 0 && seconds - arrivals[i].seconds < ECHO_SECONDS; i--) {
    const weaker = heard.arrival.strengthDb < arrivals[i].heard.arrival.strengthDb + 3;
    nats = Math.min(nats, weaker ? ECHO_WEAKER_NATS : ECHO_STRONGER_NATS);
  }
  return nats;
}
