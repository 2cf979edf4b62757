import { NANOS_PER_SECOND, type Nanos } from '../audio/index.js';
import type { ImpulseClass } from '../config/index.js';
import type { Arrival, SpectralFeatures } from '../listen/index.js';
import type { MappedPole } from './pole-map.js';

/** An arrival as the locator keeps it. */
export interface HeardArrival {
  pole: MappedPole;
  timeNanos: Nanos;
  arrival: Arrival;
  detectionId: string;
  /** Of its detection: the impulse class heard there. */
  class: ImpulseClass;
  /** Its own score reached the class's `on` in a detection that was opened: it may found an incident. */
  strong: boolean;
  /** For a blast, from its scores: 0 at `on`, 1 at `alone`. */
  evidence: number;
  snrDb: number;
  features?: SpectralFeatures;
}

/** Kept this long behind site time: longer than a shot's travel, its echoes and the quiet that closes an incident. */
const KEPT_NANOS = 16n * NANOS_PER_SECOND;
/** Two reports of one onset: the same arrival. */
const SAME_NANOS = 1_000_000n;

/** Event-time order; ties by pole, so that any order of adding gives the same. */
export function byTime(a: HeardArrival, b: HeardArrival): number {
  if (a.timeNanos !== b.timeNanos) return a.timeNanos < b.timeNanos ? -1 : 1;
  return a.pole.index - b.pole.index;
}

/** The recent arrivals of each pole by time. An arrival once stored keeps its identity; a later report may strengthen it. */
export class ArrivalStore {
  readonly #byPole = new Map<number, HeardArrival[]>();

  /** Returns the stored arrival and whether it is new. */
  put(heard: HeardArrival): { stored: HeardArrival; isNew: boolean; strengthened: boolean } {
    let list = this.#byPole.get(heard.pole.index);
    if (!list) this.#byPole.set(heard.pole.index, (list = []));
    let at = list.length;
    while (at > 0 && list[at - 1].timeNanos > heard.timeNanos) at--;
    for (const near of [list[at - 1], list[at]]) {
      if (!near) continue;
      const apart = near.timeNanos - heard.timeNanos;
      if (apart > SAME_NANOS || apart < -SAME_NANOS) continue;
      const strengthened = heard.strong && !near.strong;
      if (strengthened || (heard.strong === near.strong && heard.evidence > near.evidence)) {
        near.strong = heard.strong;
        near.evidence = heard.evidence;
        near.class = heard.class;
        near.detectionId = heard.detectionId;
      }
      if (heard.features) near.features = heard.features;
      near.snrDb = Math.max(near.snrDb, heard.snrDb);
      return { stored: near, isNew: false, strengthened };
    }
    list.splice(at, 0, heard);
    return { stored: heard, isNew: true, strengthened: false };
  }

  /** Arrivals of one pole with from <= time <= to. */
  between(pole: MappedPole, from: Nanos, to: Nanos): HeardArrival[] {
    const list = this.#byPole.get(pole.index);
    if (!list) return [];
    let first = 0;
    for (let end = list.length; first < end;) {
      const middle = (first + end) >> 1;
      if (list[middle].timeNanos < from) first = middle + 1;
      else end = middle;
    }
    let end = first;
    while (end < list.length && list[end].timeNanos <= to) end++;
    return list.slice(first, end);
  }

  prune(siteTime: Nanos): void {
    const oldest = siteTime - KEPT_NANOS;
    for (const [pole, list] of this.#byPole) {
      const keep = list.findIndex(({ timeNanos }) => timeNanos >= oldest);
      if (keep < 0) this.#byPole.delete(pole);
      else if (keep > 0) list.splice(0, keep);
    }
  }
}
