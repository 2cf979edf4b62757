import { secondsToNanos } from '../audio/index.js';
import { byTime, type ArrivalStore, type HeardArrival } from './arrival-store.js';
import { HEARING_METERS } from './hearing.js';
import type { Shot } from './impulse.js';
import { within } from './nearness.js';
import type { PoleMap } from './pole-map.js';

/** Arrivals so near the founder at its pole may be the direct sound in its stead. */
const BESIDE_NANOS = secondsToNanos(0.35);
/** Anywhere in earshot: longer apart means another sound. */
const AROUND_NANOS = secondsToNanos(1.75);
const MOST_BESIDE = 2;
const MOST_MEMBERS = 2;
const MOST_LOUDEST = 3;

/**
 * Arrivals that a shot's place may be sought from: its founder, which may be an echo or noise, strong ones beside it at
 * its pole, its strongest members, and the strongest in earshot that nobody has claimed.
 */
export function anchors(
  { founder, members }: Shot,
  map: PoleMap,
  store: ArrivalStore,
  isFree: (heard: HeardArrival) => boolean,
): HeardArrival[] {
  const strongestFirst = (a: HeardArrival, b: HeardArrival) =>
    b.arrival.strengthDb - a.arrival.strengthDb || byTime(a, b);
  const { pole, timeNanos } = founder;
  const beside = store
    .between(pole, timeNanos - BESIDE_NANOS, timeNanos + BESIDE_NANOS)
    .filter((heard) => heard !== founder && heard.strong && isFree(heard))
    .slice(0, MOST_BESIDE);
  const strongest = members
    .filter((heard) => heard !== founder)
    .sort(strongestFirst)
    .slice(0, MOST_MEMBERS);
  const loudest = map
    .within(pole.east, pole.north, HEARING_METERS)
    .flatMap((near) => store.between(near, timeNanos - AROUND_NANOS, timeNanos + AROUND_NANOS))
    .filter((heard) => heard.strong && isFree(heard) && within(founder, heard))
    .sort(strongestFirst)
    .slice(0, MOST_LOUDEST);
  return [...new Set([founder, ...beside, ...strongest, ...loudest])];
}
