import { secondsToNanos, type Nanos } from '../audio/index.js';
import { hearingProbability, HEARING_METERS } from './hearing.js';
import type { ImpulseIncident } from './impulse.js';
import type { MappedPole, PoleMap } from './pole-map.js';

/** A blast of middling reach: a pole that hears it more often than not should have reported it. */
const CARRIES_METERS = 500;
const SHOULD_HEAR = 0.5;
const SLACK_SECONDS = 0.1;

/** Listening poles within earshot that should have heard the incident by now and did not. */
export function silentPoles(
  incident: ImpulseIncident,
  map: PoleMap,
  now: Nanos,
  listensAt: (pole: MappedPole, time: Nanos) => boolean,
): MappedPole[] {
  const { solution, founder, shots, air } = incident;
  const { east, north } = solution ?? founder.pole;
  const heard = new Set(shots.flatMap(({ members }) => members.map(({ pole }) => pole.index)));
  return map.within(east, north, HEARING_METERS).filter((pole) => {
    const distance = Math.hypot(pole.east - east, pole.north - north);
    const expected = founder.timeNanos + secondsToNanos(distance / air.soundSpeed + SLACK_SECONDS);
    return (
      !heard.has(pole.index) &&
      hearingProbability(distance, CARRIES_METERS) > SHOULD_HEAR &&
      expected < now &&
      listensAt(pole, expected)
    );
  });
}
