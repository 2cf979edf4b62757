import { floorTo, secondsToNanos, type Nanos } from '../audio/index.js';
import { SAMPLE_NANOS } from './recent-sound.js';
import type { Onset } from './onset.js';

/** An onset's own patch ends at the first multiple of this that leaves the shot's first quarter of a second in it. */
const ONSET_GRID_NANOS = 125_000_000n;
const ONSET_TAIL_NANOS = 250_000_000n;

/** Poles take turns within a step of the grid: all at once, a city's patches would come in one burst each second. */
export const GRID_TURNS = 8;

/** Most blocks bring no patch. */
const NONE: readonly PlannedPatch[] = [];

/** An onset with its place in the pole's running index and in time. */
export interface TimedOnset extends Onset {
  index: number;
  timeNanos: Nanos;
}

/** A stretch of sound that the model is to judge: the patch that ends at `endIndex`. */
export interface PlannedPatch {
  endNanos: Nanos;
  /** Index after its last sample; past the end of the sound where a recording ends first. */
  endIndex: number;
  /** On the pole's grid. */
  routine: boolean;
  /** The onsets that this patch judges. */
  onsets: TimedOnset[];
}

/**
 * When the model looks at one pole: on a grid anchored to UTC, the same for whoever hears it, and besides so that each onset lies at a known place in a
 * patch of its own, 0.25 to 0.375 s before its end. Where both fall together there is one patch.
 * Pure: fed with stretches of time, asked for what is due.
 */
export class PatchSchedule {
  readonly #hopNanos: Nanos;
  readonly #phaseNanos: Nanos;
  #nextRoutine: Nanos | undefined;
  #lastRoutine: Nanos | undefined;
  #judging: { endNanos: Nanos; onsets: TimedOnset[] }[] = [];

  /** `turn`: 0 to GRID_TURNS - 1, in which part of each step the grid's patches end. */
  constructor(hopSeconds: number, turn: number) {
    this.#hopNanos = secondsToNanos(hopSeconds);
    this.#phaseNanos = (this.#hopNanos * BigInt(turn)) / BigInt(GRID_TURNS);
  }

  /** The earliest onset that waits for its patch. */
  get earliestOnset(): Nanos | undefined {
    return this.#judging[0]?.onsets[0].timeNanos;
  }

  /** A new stretch begins: the first routine patch holds at least one hop of it. */
  begin(startNanos: Nanos): void {
    const phase = this.#phaseNanos;
    this.#nextRoutine = after(startNanos - phase + this.#hopNanos - 1n, this.#hopNanos) + phase;
    this.#lastRoutine = undefined;
  }

  /** Onsets come in order of time, each before the sound of its patch has ended. */
  add(onset: TimedOnset): void {
    const endNanos = after(onset.timeNanos + ONSET_TAIL_NANOS - 1n, ONSET_GRID_NANOS);
    const last = this.#judging[this.#judging.length - 1];
    if (last && last.endNanos >= endNanos) last.onsets.push(onset);
    else this.#judging.push({ endNanos, onsets: [onset] });
  }

  /** The patches that end within a block, by time. The block starts at `index` and `startNanos`. */
  due(index: number, startNanos: Nanos, length: number): readonly PlannedPatch[] {
    const endNanos = startNanos + BigInt(length) * SAMPLE_NANOS;
    const first = this.#judging[0]?.endNanos ?? this.#nextRoutine;
    if (first === undefined || (first > endNanos && this.#nextRoutine! > endNanos)) return NONE;
    const patches: PlannedPatch[] = [];
    for (;;) {
      const routine = this.#nextRoutine;
      const judging = this.#judging[0];
      if (routine === undefined) return patches;
      const next = judging && judging.endNanos < routine ? judging.endNanos : routine;
      if (next > endNanos) return patches;
      const past = next - startNanos;
      const samples = past <= 0n ? 0 : Number((past + SAMPLE_NANOS - 1n) / SAMPLE_NANOS);
      patches.push({
        endNanos: next,
        endIndex: index + samples,
        routine: next === routine,
        onsets: judging?.endNanos === next ? judging.onsets : [],
      });
      if (next === routine) {
        this.#lastRoutine = routine;
        this.#nextRoutine = routine + this.#hopNanos;
      }
      if (judging?.endNanos === next) this.#judging.shift();
    }
  }

  /** The stretch ends at `endNanos` and `endIndex`: what waits, and one routine patch for the sound since the last. */
  end(endIndex: number, endNanos: Nanos, startNanos: Nanos): readonly PlannedPatch[] {
    if (this.#nextRoutine === undefined) return [];
    const covered = this.#lastRoutine ?? startNanos;
    let through = this.#judging[this.#judging.length - 1]?.endNanos ?? covered;
    if (endNanos > covered && this.#nextRoutine > through) through = this.#nextRoutine;
    const samples = Number((through - endNanos) / SAMPLE_NANOS) + 1;
    const patches = samples > 0 ? this.due(endIndex, endNanos, samples) : [];
    this.#nextRoutine = undefined;
    this.#judging = [];
    return patches;
  }
}

/** The first multiple of `step` after `time`. */
function after(time: Nanos, step: Nanos): Nanos {
  return floorTo(time, step) + step;
}
