import type { Nanos } from '../audio/index.js';

/** Decisions are taken at fixed instants of site time, so that live and replay take the same ones. */
export const TICK_NANOS: Nanos = 50_000_000n;
/** Impulse incidents close after this much quiet. */
export const IMPULSE_QUIET_NANOS: Nanos = 5_000_000_000n;
export const CROWD_QUIET_NANOS: Nanos = 15_000_000_000n;

export function tickAtOrAfter(time: Nanos): Nanos {
  const rest = time % TICK_NANOS;
  return rest === 0n ? time : time - rest + TICK_NANOS;
}
