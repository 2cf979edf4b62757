import { dot, dotMemory } from './dot.js';
import { ratioOf, SCRATCH_AT, tableAt, type Ratio } from './filter-banks.js';
import { MAX_RATE_HZ, MIN_RATE_HZ } from './frame.js';

/** The rate of everything after the feeds. */
export const SAMPLE_RATE_HZ = 16_000;

/** Longer input is worked off in pieces of this, so that it fits the loop's memory. */
const PIECE_SAMPLES = 131_072;

/**
 * Brings one channel from any whole rate of 8 to 192 kHz to 16 kHz, block by block; the output is the same, bit for
 * bit, however the input is cut. Polyphase Kaiser-windowed sinc (see kaiser.ts): from higher rates flat within 0.1 dB
 * to 7 kHz and at least 90 dB down from 8 kHz; from lower ones flat to 7/16 of the input rate, images 90 dB down.
 *
 * Output sample k stands at the time of input position k * inputRate / 16000: the filter's delay is in no time stamp,
 * only in how long an output waits for its input (`lookaheadSeconds`). Before the first input there was silence.
 */
export class Resampler {
  readonly #ratio: Ratio | undefined;
  /** Input that later outputs need: the first `#tailLength`, fewer than the filter's taps. */
  #tail: Float32Array;
  #tailLength = 0;
  #fraction = 0;
  #output = new Float32Array(0);

  constructor(readonly inputRateHz: number) {
    if (!Number.isInteger(inputRateHz) || inputRateHz < MIN_RATE_HZ || inputRateHz > MAX_RATE_HZ) {
      throw new RangeError(`rate must be an integer from 8000 to 192000 Hz, not ${inputRateHz}`);
    }
    if (inputRateHz !== SAMPLE_RATE_HZ) this.#ratio = ratioOf(inputRateHz, SAMPLE_RATE_HZ);
    this.#tail = new Float32Array(this.#ratio?.taps ?? 0);
    this.#restart();
  }

  /** How much input past an output sample's own time it takes to make that sample. */
  get lookaheadSeconds(): number {
    return this.#ratio ? this.#ratio.taps / 2 / this.inputRateHz : 0;
  }

  /**
   * The output that `input` makes due. Owned by the resampler and valid until its next call; from 16 kHz it is
   * `input` itself.
   */
  process(input: Float32Array): Float32Array {
    const ratio = this.#ratio;
    if (!ratio) return input;
    const capacity = Math.ceil(((this.#tailLength + input.length) * SAMPLE_RATE_HZ) / this.inputRateHz) + 1;
    if (this.#output.length < capacity) this.#output = new Float32Array(capacity);
    let made = 0;
    for (let from = 0; from < input.length; from += PIECE_SAMPLES) {
      made = this.#piece(ratio, input.subarray(from, from + PIECE_SAMPLES), made);
    }
    return this.#output.subarray(0, made);
  }

  /**
   * The rest, as if silence followed: every output up to the last input, which makes ceil(n * 16000 / inputRate) from n
   * inputs. Starts afresh after that. The caller's to keep.
   */
  flush(): Float32Array {
    const ratio = this.#ratio;
    if (!ratio) return new Float32Array(0);
    const rest = this.process(new Float32Array(ratio.taps / 2)).slice();
    this.#restart();
    return rest;
  }

  /** Zeroes all sound held; the resampler is of no more use. */
  wipe(): void {
    this.#restart();
    this.#output.fill(0);
  }

  #restart(): void {
    this.#tail.fill(0);
    // Silence up to the first output's own time.
    this.#tailLength = this.#ratio ? this.#ratio.taps / 2 - 1 : 0;
    this.#fraction = 0;
  }

  /** Appends to the output from index `made` on what this input makes due; returns where it then ends. */
  #piece(ratio: Ratio, input: Float32Array, made: number): number {
    const { taps, phases, step, stepFraction, denominator, exact } = ratio;
    const table = tableAt(ratio);
    const output = this.#output;
    dotMemory.set(this.#tail.subarray(0, this.#tailLength), SCRATCH_AT);
    dotMemory.set(input, SCRATCH_AT + this.#tailLength);
    const end = SCRATCH_AT + this.#tailLength + input.length;
    const last = end - taps;
    let at = SCRATCH_AT;
    let fraction = this.#fraction;
    while (at <= last) {
      if (exact) {
        output[made++] = dot(at, table + fraction * taps, taps);
      } else {
        const position = (fraction / denominator) * phases;
        const row = Math.floor(position);
        const near = dot(at, table + row * taps, taps);
        const far = dot(at, table + (row + 1) * taps, taps);
        output[made++] = near + (position - row) * (far - near);
      }
      at += step;
      fraction += stepFraction;
      if (fraction >= denominator) {
        fraction -= denominator;
        at++;
      }
    }
    this.#tail.set(dotMemory.subarray(at, end));
    this.#tailLength = end - at;
    this.#fraction = fraction;
    // The memory is shared, and sound is not to lie about in it.
    dotMemory.fill(0, SCRATCH_AT, end);
    return made;
  }
}
