import { designBank, type FilterBank } from './kaiser.js';
import { MAX_RATE_HZ, MIN_RATE_HZ } from './frame.js';

/** The rate of everything after the feeds. */
export const SAMPLE_RATE_HZ = 16_000;

/** Up to here every phase of the ratio has its own row; past it, rows are interpolated. Bounds a table to 0.6 MB. */
const MAX_TABLE = 80_000;
/** Rows a zero crossing of the filter: interpolating linearly between 512 keeps the error under -96 dB (Smith). */
const INTERPOLATED_PHASES = 512;
/** Rates seldom differ within a site; a sender that changes rates must not fill memory with tables. */
const MAX_BANKS = 8;

interface Ratio extends FilterBank {
  /** Input samples an output sample: `step + stepFraction / denominator`. */
  step: number;
  stepFraction: number;
  denominator: number;
}

const banks = new Map<number, Ratio>();

function ratioFor(inputRateHz: number): Ratio {
  const known = banks.get(inputRateHz);
  if (known) return known;
  const divisor = gcd(inputRateHz, SAMPLE_RATE_HZ);
  const denominator = SAMPLE_RATE_HZ / divisor;
  const numerator = inputRateHz / divisor;
  const stretch = Math.max(1, inputRateHz / SAMPLE_RATE_HZ);
  const exact = denominator * stretch * 96 <= MAX_TABLE;
  const phases = exact ? denominator : Math.ceil(INTERPOLATED_PHASES / stretch);
  const ratio = {
    ...designBank(inputRateHz, SAMPLE_RATE_HZ, phases),
    step: Math.floor(numerator / denominator),
    stepFraction: numerator % denominator,
    denominator,
  };
  if (banks.size >= MAX_BANKS) banks.delete(banks.keys().next().value!);
  banks.set(inputRateHz, ratio);
  return ratio;
}

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
  /** Input not yet done with, from `#start` to `#end`. */
  #held: Float64Array;
  #start = 0;
  #end = 0;
  #fraction = 0;
  #output = new Float32Array(0);

  constructor(readonly inputRateHz: number) {
    if (!Number.isInteger(inputRateHz) || inputRateHz < MIN_RATE_HZ || inputRateHz > MAX_RATE_HZ) {
      throw new RangeError(`rate must be an integer from 8000 to 192000 Hz, not ${inputRateHz}`);
    }
    if (inputRateHz !== SAMPLE_RATE_HZ) this.#ratio = ratioFor(inputRateHz);
    this.#held = new Float64Array(this.#ratio ? this.#ratio.taps * 2 : 0);
    if (this.#ratio) this.#end = this.#ratio.taps / 2 - 1;
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
    this.#append(input);
    return this.#drain(ratio);
  }

  /**
   * The rest, as if silence followed: every output up to the last input, which makes ceil(n * 16000 / inputRate) from n
   * inputs. Starts afresh after that. The caller's to keep.
   */
  flush(): Float32Array {
    const ratio = this.#ratio;
    if (!ratio) return new Float32Array(0);
    const half = ratio.taps / 2;
    this.#append(new Float32Array(half));
    const rest = this.#drain(ratio).slice();
    this.#held.fill(0);
    this.#start = 0;
    this.#end = half - 1;
    this.#fraction = 0;
    return rest;
  }

  /** Zeroes all sound held; the resampler is of no more use. */
  wipe(): void {
    this.#held.fill(0);
    this.#output.fill(0);
  }

  #append(input: Float32Array): void {
    if (this.#end + input.length > this.#held.length) {
      const kept = this.#end - this.#start;
      if (kept + input.length <= this.#held.length && this.#start >= kept) {
        this.#held.copyWithin(0, this.#start, this.#end);
      } else {
        // Twice the need: then most blocks are appended without moving what is held.
        const larger = new Float64Array(2 * (kept + input.length));
        larger.set(this.#held.subarray(this.#start, this.#end));
        this.#held = larger;
      }
      this.#start = 0;
      this.#end = kept;
    }
    this.#held.set(input, this.#end);
    this.#end += input.length;
  }

  #drain(ratio: Ratio): Float32Array {
    const { taps, phases, table, step, stepFraction, denominator } = ratio;
    const capacity = Math.ceil(((this.#end - this.#start) * SAMPLE_RATE_HZ) / this.inputRateHz) + 1;
    if (this.#output.length < capacity) this.#output = new Float32Array(capacity);
    const output = this.#output;
    const held = this.#held;
    const last = this.#end - taps;
    let at = this.#start;
    let fraction = this.#fraction;
    let count = 0;
    while (at <= last) {
      if (phases === denominator) {
        output[count++] = dot(held, at, table, fraction * taps, taps);
      } else {
        const position = (fraction / denominator) * phases;
        const row = Math.floor(position);
        const near = dot(held, at, table, row * taps, taps);
        const far = dot(held, at, table, (row + 1) * taps, taps);
        output[count++] = near + (position - row) * (far - near);
      }
      at += step;
      fraction += stepFraction;
      if (fraction >= denominator) {
        fraction -= denominator;
        at++;
      }
    }
    this.#start = at;
    this.#fraction = fraction;
    return output.subarray(0, count);
  }
}

/** `taps` is a multiple of 4. Four sums, so that the adds need not wait for each other. */
function dot(held: Float64Array, at: number, table: Float64Array, row: number, taps: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let i = 0; i < taps; i += 4) {
    a += held[at + i] * table[row + i];
    b += held[at + i + 1] * table[row + i + 1];
    c += held[at + i + 2] * table[row + i + 2];
    d += held[at + i + 3] * table[row + i + 3];
  }
  return a + b + (c + d);
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
