import { secondsBetween, type Nanos } from '../audio/index.js';
import { isImpulse } from '../config/index.js';
import { distanceMeters } from './distance.js';
import type { Incident } from './incident.js';
import { CROWD_QUIET_NANOS, IMPULSE_QUIET_NANOS } from './ticks.js';

/** Two incidents of one class so near in time and place are the same one, seen by the process before and by this one. */
const SAME_SECONDS = 5;
const SAME_METERS = 60;
/** So many arrivals of the same poles at the same time are of one blast, wherever each process puts it. */
const SAME_ARRIVALS = 2;
const SAME_ARRIVAL_SECONDS = 0.005;

/**
 * Incidents that another process had open. What is found anew and is the same goes on under the old name; what is not
 * heard of again is closed once it has been quiet.
 */
export class RestoredIncidents {
  #open: Incident[] = [];

  add(open: readonly Incident[]): void {
    for (const incident of open) {
      if (!this.#open.some(({ incidentId }) => incidentId === incident.incidentId)) this.#open.push(incident);
    }
  }

  get busy(): boolean {
    return this.#open.length > 0;
  }

  /** The restored incident that this one continues, once. */
  adopt(built: Incident): Incident | undefined {
    const at = this.#open.findIndex(
      (known) => known.incidentId === built.incidentId || isSameIncident(known, built),
    );
    return at < 0 ? undefined : this.#open.splice(at, 1)[0];
  }

  /** Those that have been quiet for as long as their class allows (all, where `all`). */
  close(now: Nanos, all: boolean): Incident[] {
    const closing = this.#open.filter((incident) => {
      const quiet = incident.class === 'crowd_clamour' ? CROWD_QUIET_NANOS : IMPULSE_QUIET_NANOS;
      const end = incident.onsetNanos + BigInt(Math.round(incident.durationSeconds * 1e9));
      return all || now - end >= quiet;
    });
    this.#open = this.#open.filter((incident) => !closing.includes(incident));
    return closing;
  }
}

/** Whether `built`, found by another process, is plainly the incident that is known. */
export function isSameIncident(known: Incident, built: Incident): boolean {
  if (isSameBlast(known, built)) return true;
  if (known.class !== built.class) return false;
  const apart = Math.min(
    Math.abs(secondsBetween(known.onsetNanos, built.onsetNanos)),
    Math.abs(secondsBetween(known.onsetNanos, built.onsetNanos) - known.durationSeconds),
  );
  if (apart > SAME_SECONDS && known.class !== 'crowd_clamour') return false;
  const poles = new Set(known.poles.map(({ pole }) => pole));
  const shared = built.poles.some(({ pole }) => poles.has(pole));
  if (known.class === 'crowd_clamour') return shared;
  if (known.method === 'multilateration' && built.method === 'multilateration')
    return distanceMeters(known.location!, built.location!) < SAME_METERS;
  return shared;
}

/** Whether both tell of the same arrivals, whatever each made of them: where, or a gunshot here and an explosion there. */
export function isSameBlast(known: Incident, built: Incident): boolean {
  const enough = Math.min(SAME_ARRIVALS, known.poles.length, built.poles.length);
  return (
    isImpulse(known.class) && isImpulse(built.class) && enough > 0 && sharedArrivals(known, built) >= enough
  );
}

function sharedArrivals(known: Incident, built: Incident): number {
  const arrivals = new Map(known.poles.map(({ pole, arrivalNanos }) => [pole, arrivalNanos]));
  return built.poles.filter(({ pole, arrivalNanos }) => {
    const other = arrivals.get(pole);
    return other !== undefined && Math.abs(secondsBetween(other, arrivalNanos)) < SAME_ARRIVAL_SECONDS;
  }).length;
}
