import type { Nanos } from '../audio/index.js';
import { SAMPLE_RATE_HZ } from '../audio/index.js';

/** One sample at 16 kHz, exactly. */
export const SAMPLE_NANOS = 62_500n;
/** The design allows 4 s. */
const RING_SECONDS = 3.5;
const RING_SAMPLES = RING_SECONDS * SAMPLE_RATE_HZ;

/** Where the time of a block's first sample is known. */
interface Anchor {
  index: number;
  nanos: Nanos;
  clockUncertaintySeconds?: number;
}

/**
 * The last 3.5 s of one pole's sound with its times, by a sample index that only ever grows. The ring is the only place
 * where a pole's sound lies for longer than a call; `wipe` zeroes it.
 */
export class RecentSound {
  readonly #ring = new Float32Array(RING_SAMPLES);
  #anchors: Anchor[] = [];
  #end = 0;
  #start = 0;

  /** Index after the last sample. */
  get end(): number {
    return this.#end;
  }

  /** Index of the first sample of the running stretch; whatever came before a break counts as silence. */
  get start(): number {
    return this.#start;
  }

  /** The next sample belongs to a new stretch: nothing before it is continuous with it. */
  breakHere(): void {
    this.#start = this.#end;
  }

  /** Copies at most 0.5 s of sound that starts at `nanos`. */
  append(samples: Float32Array, nanos: Nanos, clockUncertaintySeconds?: number): void {
    this.#anchors.push({
      index: this.#end,
      nanos,
      ...(clockUncertaintySeconds !== undefined && { clockUncertaintySeconds }),
    });
    const oldest = this.#end - RING_SAMPLES;
    while (this.#anchors.length > 1 && this.#anchors[1].index <= oldest) this.#anchors.shift();
    const at = this.#end % RING_SAMPLES;
    const first = Math.min(samples.length, RING_SAMPLES - at);
    this.#ring.set(samples.subarray(0, first), at);
    if (first < samples.length) this.#ring.set(samples.subarray(first), 0);
    this.#end += samples.length;
  }

  /** UTC of a sample that lies in the ring, or runs a little past its end. */
  timeOf(index: number): Nanos {
    const { index: from, nanos } = this.#anchorOf(index);
    return nanos + BigInt(index - from) * SAMPLE_NANOS;
  }

  /** 1σ of that time, seconds; undefined where the feed does not know. */
  clockUncertaintyOf(index: number): number | undefined {
    return this.#anchorOf(index).clockUncertaintySeconds;
  }

  /**
   * Fills `into` with the samples from `from` on, zeros where there is none: before `stretchStart`, past the end.
   * False, and nothing written, where the ring no longer holds what is asked for.
   */
  read(into: Float32Array, from: number, stretchStart: number, stretchEnd = this.#end): boolean {
    const first = Math.max(from, stretchStart);
    const last = Math.min(from + into.length, stretchEnd);
    if (last > first && first < this.#end - RING_SAMPLES) return false;
    into.fill(0);
    for (let index = first; index < last;) {
      const at = index % RING_SAMPLES;
      const count = Math.min(last - index, RING_SAMPLES - at);
      into.set(this.#ring.subarray(at, at + count), index - from);
      index += count;
    }
    return true;
  }

  wipe(): void {
    this.#ring.fill(0);
    this.#anchors = [];
  }

  #anchorOf(index: number): Anchor {
    for (let i = this.#anchors.length - 1; i > 0; i--) {
      if (this.#anchors[i].index <= index) return this.#anchors[i];
    }
    return this.#anchors[0];
  }
}
