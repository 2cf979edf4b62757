import { SoundRing, type Nanos } from '../audio/index.js';

/** One sample at 16 kHz, exactly. */
export const SAMPLE_NANOS = 62_500n;
/** A patch of 1 s, the lag that a recording may run ahead (1.5 s), a block of 1 s; the design allows 4 s. */
const RING_SECONDS = 3.5;

/**
 * The last 3.5 s of one pole's sound with its times, by a sample index that only ever grows, over breaks too. Its ring is
 * the only place where a pole's sound lies for longer than a call; `wipe` zeroes it.
 */
export class RecentSound {
  readonly #ring = new SoundRing(RING_SECONDS);
  /** The clock's 1σ from an index on. */
  #clocks: { index: number; uncertaintySeconds: number | undefined }[] = [];
  #start = 0;

  /** Index after the last sample. */
  get end(): number {
    return this.#ring.endIndex;
  }

  /** Index of the first sample of the running stretch; whatever came before a break counts as silence. */
  get start(): number {
    return this.#start;
  }

  /** The next sample belongs to a new stretch: nothing before it is continuous with it. */
  breakHere(): void {
    this.#start = this.end;
  }

  /** Copies at most 0.5 s of sound that starts at `nanos`. */
  append(samples: Float32Array, nanos: Nanos, clockUncertaintySeconds?: number): void {
    const last = this.#clocks[this.#clocks.length - 1];
    if (!last || last.uncertaintySeconds !== clockUncertaintySeconds) {
      this.#clocks.push({ index: this.end, uncertaintySeconds: clockUncertaintySeconds });
    }
    this.#ring.append(samples, nanos);
    while (this.#clocks.length > 1 && this.#clocks[1].index <= this.#ring.startIndex) this.#clocks.shift();
  }

  /** UTC of a sample that lies in the ring, or runs a little past its end. */
  timeOf(index: number): Nanos {
    return this.#ring.timeOf(index);
  }

  /** 1σ of that time, seconds; undefined where the feed does not know. */
  clockUncertaintyOf(index: number): number | undefined {
    return (this.#clocks.findLast((one) => one.index <= index) ?? this.#clocks[0])?.uncertaintySeconds;
  }

  /** Does the ring still hold what `read` would take from `from` on, `length` samples? */
  holds(from: number, length: number, stretchStart: number, stretchEnd = this.end): boolean {
    const first = Math.max(from, stretchStart);
    return Math.min(from + length, stretchEnd) <= first || first >= this.#ring.startIndex;
  }

  /**
   * Fills `into` with the samples from `from` on, zeros where there is none: before `stretchStart`, past the end.
   * False, and nothing written, where the ring no longer holds what is asked for.
   */
  read(into: Float32Array, from: number, stretchStart: number, stretchEnd = this.end): boolean {
    if (!this.holds(from, into.length, stretchStart, stretchEnd)) return false;
    const first = Math.max(from, stretchStart);
    const last = Math.max(first, Math.min(from + into.length, stretchEnd));
    into.fill(0, 0, Math.min(first - from, into.length));
    into.fill(0, Math.min(last - from, into.length));
    return last === first || this.#ring.read(first, into.subarray(first - from, last - from));
  }

  /** Zeroes the ring: the end of the feed. */
  wipe(): void {
    this.#ring.zero();
    this.#clocks = [];
    this.#start = 0;
  }
}
