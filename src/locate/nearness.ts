import type { HeardArrival } from './arrival-store.js';
import type { Hypothesis } from './association.js';
import { HEARING_METERS } from './hearing.js';
import { secondsIn, type ImpulseIncident } from './impulse.js';

/** Two places so near are one shooter's. */
export const SAME_PLACE_METERS = 40;
const SLOWEST_SOUND = 300;
/** An incident goes on for so long after its last arrival. */
const QUIET_SECONDS = 5;

/** Could one sound make both arrivals, by the distance between their poles? */
export function within(a: HeardArrival, b: HeardArrival): boolean {
  const distance = Math.hypot(a.pole.east - b.pole.east, a.pole.north - b.pole.north);
  const apart = Math.abs(Number(a.timeNanos - b.timeNanos) / 1e9);
  return distance < HEARING_METERS && apart < distance / SLOWEST_SOUND + 0.1;
}

/** Is the arrival near enough, in place and time, to bear on the incident? */
export function isNear(incident: ImpulseIncident, heard: HeardArrival): boolean {
  const { pole } = incident.founder;
  const after = secondsIn(incident, heard.timeNanos);
  return (
    Math.hypot(pole.east - heard.pole.east, pole.north - heard.pole.north) < HEARING_METERS &&
    after > -HEARING_METERS / SLOWEST_SOUND &&
    after < secondsIn(incident, incident.lastHeardNanos) + QUIET_SECONDS
  );
}

/** Does the hypothesis tell of another shot from the incident's place? */
export function isSamePlace(
  incident: ImpulseIncident,
  founder: HeardArrival,
  { solution }: Hypothesis,
): boolean {
  return (
    incident.solution !== undefined &&
    Math.hypot(incident.solution.east - solution.east, incident.solution.north - solution.north) <
      SAME_PLACE_METERS &&
    Math.abs(secondsIn(incident, founder.timeNanos)) <
      QUIET_SECONDS + secondsIn(incident, incident.lastHeardNanos)
  );
}
