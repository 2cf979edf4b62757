import { byTime } from './arrival-store.js';
import { fit } from './fit.js';
import { FOUNDER_METERS } from './hearing.js';
import type { ImpulseIncident } from './impulse.js';
import type { Settings } from './options.js';

/** Fits all located shots of the incident jointly: one place, an emission each. Nothing where none is located. */
export function refit(incident: ImpulseIncident, settings: Settings): void {
  const fitted = incident.shots.filter(({ emissionSeconds }) => emissionSeconds !== undefined);
  if (fitted.length === 0) return;
  const { founder, air } = incident;
  const start = incident.solution ?? founder.pole;
  const solution = fit({
    shots: fitted.map(({ members }) => members),
    referenceNanos: founder.timeNanos,
    air,
    settings,
    starts: [[start.east, start.north]],
    bounds: { east: founder.pole.east, north: founder.pole.north, radiusMeters: FOUNDER_METERS * 1.2 },
  });
  incident.solution = solution;
  const members = fitted.flatMap((shot) => shot.members);
  incident.residuals = new Map(members.map((heard, i) => [heard, solution.residualSeconds[i]]));
  fitted.forEach((shot, i) => (shot.emissionSeconds = solution.emissionSeconds[i]));
}

/** Notes its last arrival: quiet is counted from there, and what it says was decided by it. */
export function touch(incident: ImpulseIncident): void {
  const last = incident.shots
    .flatMap(({ members }) => members)
    .sort(byTime)
    .at(-1);
  if (last && last.timeNanos > incident.lastHeardNanos) incident.lastHeardNanos = last.timeNanos;
  incident.decidedByNanos = incident.lastHeardNanos;
}
