import type { Air } from './air.js';
import type { ArrivalStore, HeardArrival } from './arrival-store.js';
import type { Settings } from './options.js';
import type { MappedPole } from './pole-map.js';

/** An arrival that may belong, with its seconds after the founder. */
export interface Candidate {
  heard: HeardArrival;
  seconds: number;
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
  const found = new Map<number, Candidate[]>([[founder.pole.index, [{ heard: founder, seconds: 0 }]]]);
  const slowest = air.soundSpeed - 2 * air.soundSpeedSigma - Math.hypot(air.windEast, air.windNorth);
  for (const pole of poles) {
    if (pole.index === founder.pole.index) continue;
    const distance = Math.hypot(pole.east - founder.pole.east, pole.north - founder.pole.north);
    const reach = BigInt(Math.round((distance / slowest + SLACK_SECONDS) * 1e9));
    const arrivals = store
      .between(pole, founder.timeNanos - reach, founder.timeNanos + reach)
      .filter((heard) => heard.arrival.clockUncertaintySeconds !== undefined && free(heard))
      .map((heard) => ({ heard, seconds: Number(heard.timeNanos - founder.timeNanos) / 1e9 }));
    if (arrivals.length > 0) found.set(pole.index, arrivals);
  }
  return found;
}
