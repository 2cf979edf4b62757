/**
 * What a listener short of processor time gives up, step by step. `normal`: nothing. `stretched`: every second patch of
 * the grid. `skipping`: besides, the patches of feeds that are quiet. `dropping`: besides, every patch of the grid and
 * the sound that comes more than a second late. Patches of onsets are looked at in every state.
 */
export const OVERLOAD_STATES = ['normal', 'stretched', 'skipping', 'dropping'] as const;
export type OverloadState = (typeof OVERLOAD_STATES)[number];

/** Why sound was not looked at; the labels of `clameur_sound_shed_total`. */
export const SHED_REASONS = ['stretched', 'quiet', 'grid', 'old_frames'] as const;
export type ShedReason = (typeof SHED_REASONS)[number];

/** What to give up while the machine is short of time; live sound only, a recording waits. */
export interface Shedding {
  readonly state: OverloadState;
  shed(reason: ShedReason): void;
}

/** A queue older than this for so long: a step up. Far below the second that an event may take. */
const BUSY_SECONDS = 0.25;
const BUSY_FOR_SECONDS = 0.5;
/** Older than this: a step up at every look. */
const LATE_SECONDS = 0.8;
/** A queue younger than this for so long: a step down. What was given up comes back slowly, or it would swing. */
const CALM_SECONDS = 0.2;
const CALM_FOR_SECONDS = 3;

/** One step at a time by the age of what waits, with hysteresis. Pure: age and clock are handed in. */
export class Overload {
  #step = 0;
  #busySince: number | undefined;
  #calmSince: number | undefined;

  get state(): OverloadState {
    return OVERLOAD_STATES[this.#step];
  }

  /** `ageSeconds`: of the oldest that waits now. A few times a second. */
  observe(ageSeconds: number, nowSeconds: number): OverloadState {
    if (ageSeconds > BUSY_SECONDS) {
      this.#calmSince = undefined;
      this.#busySince ??= nowSeconds;
      if (ageSeconds > LATE_SECONDS || nowSeconds - this.#busySince >= BUSY_FOR_SECONDS) {
        this.#step = Math.min(this.#step + 1, OVERLOAD_STATES.length - 1);
        this.#busySince = nowSeconds;
      }
    } else if (ageSeconds < CALM_SECONDS) {
      this.#busySince = undefined;
      this.#calmSince ??= nowSeconds;
      if (nowSeconds - this.#calmSince >= CALM_FOR_SECONDS) {
        this.#step = Math.max(this.#step - 1, 0);
        this.#calmSince = nowSeconds;
      }
    } else {
      this.#busySince = undefined;
      this.#calmSince = undefined;
    }
    return this.state;
  }
}

/** Why a patch of the grid is not looked at in this state; undefined: it is. `odd`: every second one of the grid. */
export function shedPatch(state: OverloadState, odd: boolean, quiet: boolean): ShedReason | undefined {
  if (state === 'normal') return undefined;
  if (state === 'dropping') return 'grid';
  if (odd) return 'stretched';
  return state === 'skipping' && quiet ? 'quiet' : undefined;
}
