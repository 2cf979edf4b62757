import { secondsBetween, type Nanos } from '../audio/index.js';

/** Past this the clock of the pole that heard it is no clock. */
const CLOCK_FAR_SECONDS = 3600;

/** How long ago an arrival was, seconds; undefined where its pole's clock is so wrong that nobody knows. */
export function ageSeconds(arrivalNanos: Nanos, nowNanos: Nanos): number | undefined {
  const seconds = secondsBetween(arrivalNanos, nowNanos);
  return Math.abs(seconds) <= CLOCK_FAR_SECONDS ? seconds : undefined;
}
