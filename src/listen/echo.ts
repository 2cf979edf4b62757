import { secondsBetween } from '../audio/index.js';
import type { Arrival } from './detection.js';

/** Sooner than any weapon fires again (1,000 rounds a minute): another path of the same sound, weaker or stronger. */
const SAME_SHOT_SECONDS = 0.055;
/** Echoes of a street follow for so long, each weaker than the shot; rounds of one weapon at one place differ less. */
const ECHO_SECONDS = 1;
const ECHO_DB = 6;

/** The arrival, marked as an echo where it follows a shot among `before` too soon, or too weakly for another shot. */
export function markEcho(arrival: Arrival, before: readonly Arrival[]): Arrival {
  const echo = before.some((shot) => {
    const seconds = secondsBetween(shot.timeNanos, arrival.timeNanos);
    if (shot.echo || seconds > ECHO_SECONDS) return false;
    return seconds < SAME_SHOT_SECONDS || arrival.levelDb < shot.levelDb - ECHO_DB;
  });
  return echo ? { ...arrival, echo: true } : arrival;
}
