import type { HeardArrival } from './arrival-store.js';
import { HEARING_METERS } from './hearing.js';
import { secondsIn, type ImpulseIncident } from './impulse.js';

/** After a shot's arrival a pole hears its echoes for so long, and the fainter tail of them for longer. */
const REVERBERATION_SECONDS = 2;
const FAINT_SECONDS = 4;
const FAINT_STRENGTH_DB = 15;
/** The patch that judges an arrival reaches 0.375 s beyond it: what lies before a shot by less borrows the shot's scores. */
const BORROWED_SECONDS = 0.375;
const LEAD_SECONDS = 0.08;
/** The founder itself may be an echo, and the direct sound lie before it. */
const UNSURE_LEAD_SECONDS = 0.5;
/** A place that fits so well (nats) tells when each pole should hear; before that, any order of poles is possible. */
const TRUSTED_NATS = 25;
const TRUSTED_POLES = 7;

/** Could this arrival be an echo of the incident, or a part of it that is not yet joined? */
export function inShadow(incident: ImpulseIncident, heard: HeardArrival): boolean {
  const t = secondsIn(incident, heard.timeNanos);
  const c = incident.air.soundSpeed;
  const tail = heard.arrival.strengthDb < FAINT_STRENGTH_DB ? FAINT_SECONDS : REVERBERATION_SECONDS;
  const [first] = incident.shots;
  const trusted =
    incident.solution && first.likelihood > TRUSTED_NATS && first.members.length >= TRUSTED_POLES;
  return incident.shots.some((shot) => {
    if (trusted && incident.solution && shot.emissionSeconds !== undefined) {
      const { east, north } = incident.solution;
      const distance = Math.hypot(heard.pole.east - east, heard.pole.north - north);
      const expected = shot.emissionSeconds + distance / c;
      return distance < HEARING_METERS && t > expected - BORROWED_SECONDS && t < expected + tail;
    }
    const { pole, timeNanos } = shot.founder;
    const distance = Math.hypot(heard.pole.east - pole.east, heard.pole.north - pole.north);
    const reach = distance / c + LEAD_SECONDS;
    const zero = secondsIn(incident, timeNanos);
    return distance < HEARING_METERS && t > zero - reach - UNSURE_LEAD_SECONDS && t < zero + reach + tail;
  });
}
