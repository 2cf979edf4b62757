import { SAMPLE_RATE_HZ } from './resampler.js';
import { NANOS_PER_SECOND, type Nanos } from './time.js';

/** Rule 1: no more of anybody's sound than this is ever held. */
export const MAX_RING_SECONDS = 4;

/** From sample `index` on, until the next anchor, samples stand at `timeNanos` and every 62.5 µs after it. */
interface Anchor {
  index: number;
  timeNanos: Nanos;
}

const NANOS_PER_SAMPLE = NANOS_PER_SECOND / BigInt(SAMPLE_RATE_HZ);
/** A stamp that lies where the samples so far predict, to within half a sample's rounding, needs no new anchor. */
const SAME_NANOS = 2n;

/**
 * The last few seconds of one pole's sound, mono at 16 kHz. Samples have an absolute index, from 0 after a break, and
 * stay continuous; their times follow the stamp of each block, so a clock that drifts or is slewed moves only the
 * mapping between index and UTC.
 *
 * The ring owns its buffer and hands out none of it: `append` copies in, `read` copies out into the caller's array.
 */
export class SoundRing {
  readonly #samples: Float32Array;
  #anchors: Anchor[] = [];
  #end = 0;

  /** `memory`: where the sound lies, for who must be able to check that it is wiped; the ring owns it from then on. */
  constructor(seconds: number = MAX_RING_SECONDS, memory?: Float32Array) {
    if (!(seconds > 0 && seconds <= MAX_RING_SECONDS)) {
      throw new RangeError(`a ring holds at most ${MAX_RING_SECONDS} s, not ${seconds}`);
    }
    this.#samples = memory ?? new Float32Array(Math.round(seconds * SAMPLE_RATE_HZ));
    if (this.#samples.length !== Math.round(seconds * SAMPLE_RATE_HZ)) {
      throw new RangeError(`${this.#samples.length} samples of memory are not ${seconds} s`);
    }
  }

  /** Index of the oldest sample still held. */
  get startIndex(): number {
    return Math.max(0, this.#end - this.#samples.length);
  }

  /** Index just past the newest sample. */
  get endIndex(): number {
    return this.#end;
  }

  /** Puts a block at the end; `startNanos` is the UTC of its first sample. Longer than the ring: its end stays. */
  append(block: Float32Array, startNanos: Nanos): void {
    this.#anchor(startNanos);
    const size = this.#samples.length;
    const free = size - (this.#end % size);
    // Nearly always: a view on a part of the block would cost more than the copy.
    if (block.length <= free) this.#samples.set(block, size - free);
    else this.#wrap(block);
    this.#end += block.length;
    if (this.#anchors.length > 1) this.#forgetAnchors();
  }

  #wrap(block: Float32Array): void {
    const size = this.#samples.length;
    const kept = block.length > size ? block.subarray(block.length - size) : block;
    const at = (this.#end + block.length - kept.length) % size;
    const first = Math.min(kept.length, size - at);
    this.#samples.set(kept.subarray(0, first), at);
    this.#samples.set(kept.subarray(first), 0);
  }

  /** Copies the samples from `index` on into all of `into`. False, and `into` untouched, where any is not held. */
  read(index: number, into: Float32Array): boolean {
    if (index < this.startIndex || index + into.length > this.#end) return false;
    const at = index % this.#samples.length;
    const first = Math.min(into.length, this.#samples.length - at);
    into.set(this.#samples.subarray(at, at + first));
    into.set(this.#samples.subarray(0, into.length - first), first);
    return true;
  }

  /** UTC of a sample held, or of one just after the newest; fractional indices too. */
  timeOf(index: number): Nanos {
    const anchor = this.#anchorAt(index);
    if (!anchor) throw new RangeError('the ring has no sound yet');
    return anchor.timeNanos + BigInt(Math.round((index - anchor.index) * Number(NANOS_PER_SAMPLE)));
  }

  /**
   * The fractional index that stands at `timeNanos`, by the newest stamp that reaches there; it may lie outside of what
   * is held. Where a clock was set back a little, two samples have that time: the newer is meant.
   */
  indexOf(timeNanos: Nanos): number {
    const anchor = this.#anchors.findLast((one) => one.timeNanos <= timeNanos) ?? this.#anchors[0];
    if (!anchor) throw new RangeError('the ring has no sound yet');
    return anchor.index + Number(timeNanos - anchor.timeNanos) / Number(NANOS_PER_SAMPLE);
  }

  /** Wipes every sample and time: after a break, and when a feed ends. Indices start again at 0. */
  zero(): void {
    this.#samples.fill(0);
    this.#anchors = [];
    this.#end = 0;
  }

  #anchorAt(index: number): Anchor | undefined {
    for (let i = this.#anchors.length - 1; i > 0; i--)
      if (this.#anchors[i].index <= index) return this.#anchors[i];
    return this.#anchors[0];
  }

  #anchor(timeNanos: Nanos): void {
    const last = this.#anchors[this.#anchors.length - 1] as Anchor | undefined;
    if (last) {
      const predicted = last.timeNanos + BigInt(this.#end - last.index) * NANOS_PER_SAMPLE;
      const off = timeNanos - predicted;
      if (off <= SAME_NANOS && off >= -SAME_NANOS) return;
    }
    this.#anchors.push({ index: this.#end, timeNanos });
  }

  #forgetAnchors(): void {
    const needed = this.#anchors.findLastIndex(({ index }) => index <= this.startIndex);
    if (needed > 0) this.#anchors.splice(0, needed);
  }
}
