import { secondsToNanos } from '../audio/index.js';
import type { Air } from './air.js';
import type { ArrivalStore, HeardArrival } from './arrival-store.js';
import { strengthNats } from './level-fit.js';
import type { Settings } from './options.js';
import type { MappedPole } from './pole-map.js';

/** An arrival that may belong, with its seconds after the founder. */
export interface Candidate {
  heard: HeardArrival;
  seconds: number;
  /** For a direct sound against an echo or noise: from its strength, its scores, and what came just before it there. */
  nats: number;
}

/** A pole that listened, and what it heard that may belong. */
export interface HearingPole {
  pole: MappedPole;
  /** Ascending. */
  arrivals: readonly Candidate[];
  /** Arrivals a second that it reports besides the one that would belong. */
  chanceRate: number;
}

/** What the poles round a strong arrival can say of it. */
export interface Scene {
  founder: HeardArrival;
  /** Poles that listened (live, with a feed), the founder's among them. */
  listening: readonly HearingPole[];
  /** How many of them heard anything that may belong. */
  heardAt: number;
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
/** A unit of evidence is the step from `on` to `alone`. */
const NATS_PER_DOUBT = 1;
const ECHO_NANOS = secondsToNanos(ECHO_SECONDS);

/** Arrivals a second that a pole reports anyway, from how many lie in the window of about three seconds. */
export function chanceRate(count: number): number {
  return (count + 0.5) / 3;
}

/**
 * What each listening pole heard that may belong to a founder: the arrivals whose time differs by at most the distance
 * between the poles over the speed of sound.
 */
export function gather(
  founder: HeardArrival,
  poles: readonly MappedPole[],
  store: ArrivalStore,
  free: (heard: HeardArrival) => boolean,
  air: Air,
  settings: Settings,
): HearingPole[] {
  const slowest = air.soundSpeed - 2 * air.soundSpeedSigma - Math.hypot(air.windEast, air.windNorth);
  return poles.map((pole): HearingPole => {
    if (pole.index === founder.pole.index) {
      const own = { heard: founder, seconds: 0, nats: strengthNats(founder.arrival.strengthDb) };
      return { pole, arrivals: [own], chanceRate: chanceRate(0) };
    }
    const dx = pole.east - founder.pole.east;
    const dy = pole.north - founder.pole.north;
    const reachSeconds = Math.sqrt(dx * dx + dy * dy) / slowest + SLACK_SECONDS;
    const reach = secondsToNanos(reachSeconds);
    const arrivals: Candidate[] = [];
    for (const heard of store.between(
      pole,
      founder.timeNanos - reach - ECHO_NANOS,
      founder.timeNanos + reach,
    )) {
      if (heard.arrival.clockUncertaintySeconds === undefined || !free(heard)) continue;
      const seconds = Number(heard.timeNanos - founder.timeNanos) / 1e9;
      const nats =
        strengthNats(heard.arrival.strengthDb) +
        echoNats(arrivals, heard, seconds) +
        scoreNats(heard, settings);
      arrivals.push({ heard, seconds, nats });
    }
    const early = arrivals.findIndex(({ seconds }) => seconds >= -reachSeconds);
    if (early < 0) arrivals.length = 0;
    else if (early > 0) arrivals.splice(0, early);
    return { pole, arrivals, chanceRate: chanceRate(Math.max(arrivals.length - 1, 0)) };
  });
}

/** Nats, at most 0: what speaks against a direct sound, as others came just before it. */
function echoNats(before: readonly Candidate[], heard: HeardArrival, seconds: number): number {
  let nats = 0;
  for (let i = before.length - 1; i >= 0 && seconds - before[i].seconds < ECHO_SECONDS; i--) {
    const weaker = heard.arrival.strengthDb < before[i].heard.arrival.strengthDb + 3;
    nats = Math.min(nats, weaker ? ECHO_WEAKER_NATS : ECHO_STRONGER_NATS);
  }
  return nats;
}

/**
 * Nats, at most 0: what sounds like no blast at all is rather chance. Scores above `on` are no likelihood of a place:
 * they count once, where an incident is judged.
 */
function scoreNats({ evidence }: HeardArrival, { unscored }: Settings): number {
  return unscored ? 0 : Math.min(evidence, 0) * NATS_PER_DOUBT;
}
