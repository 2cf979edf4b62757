import { secondsBetween, type Nanos } from '../audio/index.js';

/** Slower than this is a finger on the trigger: automatic weapons fire 8 to 20 rounds a second. */
const AUTOMATIC_GAP_SECONDS = 0.15;
const AUTOMATIC_RUN = 4;

/** Do at least four shots follow each other as fast as an automatic weapon fires? `times` ascending. */
export function isAutomatic(times: readonly Nanos[]): boolean {
  let run = 1;
  for (let i = 1; i < times.length; i++) {
    run = secondsBetween(times[i - 1], times[i]) <= AUTOMATIC_GAP_SECONDS ? run + 1 : 1;
    if (run >= AUTOMATIC_RUN) return true;
  }
  return false;
}
