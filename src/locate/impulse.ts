import { createHash } from 'node:crypto';
import { floorTo, type Nanos } from '../audio/index.js';
import type { ImpulseClass } from '../config/index.js';
import type { Air } from './air.js';
import type { HeardArrival } from './arrival-store.js';
import type { Incident } from './incident.js';
import type { Solution } from './solver.js';
import type { Watch } from './watch.js';

/** One emission. */
export interface Shot {
  /** The arrival that made it known. */
  founder: HeardArrival;
  /** One arrival a pole, the founder among them. */
  members: HeardArrival[];
  /** Nats against chance; −∞ where not located. */
  likelihood: number;
  /** Seconds after the incident's reference, once located. */
  emissionSeconds?: number;
}

/** One impulse incident as it lives in the locator. */
export interface ImpulseIncident {
  incidentId: string;
  class: ImpulseClass;
  /** The first shot's founder; its time is the zero of all seconds here. */
  founder: HeardArrival;
  shots: Shot[];
  /** Joint fit of all located shots: one place, an emission each. */
  solution?: Solution;
  /** Measured minus predicted time of every arrival that the solution was fitted to. */
  residuals: ReadonlyMap<HeardArrival, number>;
  /** Where else than at a solution it may have been, once asked. */
  elsewhere?: { than: Solution; places: ReadonlyArray<readonly [number, number]> };
  air: Air;
  revision: number;
  /** As last handed on. */
  published?: Incident;
  /** The last arrival that belongs to it: 5 s of quiet are counted from here. */
  lastHeardNanos: Nanos;
  /** Says when new arrivals near it are worth a look. */
  watch: Watch;
  /** When its place was last sought anew, and whether anything came since. */
  soughtNanos: Nanos;
  unsought: boolean;
  /** The arrival by which the next step became possible. */
  decidedByNanos: Nanos;
}

const ID_STEP: Nanos = 10_000_000n;

/** Never changes: from the site, the class, and the pole and onset (floored to 10 ms) of the founding detection. */
export function incidentIdOf(site: string, className: string, pole: string, onset: Nanos): string {
  const key = `${site}|${className}|${pole}|${floorTo(onset, ID_STEP)}`;
  return createHash('sha256').update(key).digest('hex').slice(0, 32);
}

/** Seconds of `time` after the incident's reference. */
export function secondsIn(incident: ImpulseIncident, time: Nanos): number {
  return Number(time - incident.founder.timeNanos) / 1e9;
}
