const TABLE_BITS = 22;
/** A match is looked at in so many parts, each for itself, and must be found in them on average so well. */
const PARTS = 4;
const LEAST_IN_PARTS = 0.6;

export interface Match {
  /** Name of the series that was fed. */
  of: string;
  /** In it. */
  index: number;
  correlation: number;
  length: number;
}

export interface MatcherOptions {
  /** Signs of so many steps in a row make a fingerprint: what scaling, an offset or a logarithm does not change. */
  bits: number;
  /** Samples that must agree. */
  length: number;
  /** Correlation from which they do. */
  least: number;
  /** Samples of all references together. */
  capacity: number;
}

interface Reference {
  name: string;
  values: Float32Array;
  from: number;
}

/**
 * Finds stretches of known series in any other series, at any scale and offset: candidates by the signs of successive
 * differences (Haitsma and Kalker 2002 do so with spectra), each confirmed by Pearson's correlation over `length`.
 */
export class Matcher {
  readonly #length: number;
  readonly #least: number;
  readonly #heads = new Int32Array(1 << TABLE_BITS).fill(-1);
  readonly #references: Reference[] = [];
  readonly #next: Int32Array;
  #total = 0;

  readonly #bits: number;

  constructor(options: MatcherOptions) {
    this.#bits = options.bits;
    this.#length = options.length;
    this.#least = options.least;
    this.#next = new Int32Array(options.capacity);
  }

  add(name: string, values: Float32Array): void {
    const reference = { name, values, from: this.#total };
    this.#references.push(reference);
    fingerprints(values, this.#bits, (at, print) => {
      const slot = hash(print);
      this.#next[reference.from + at] = this.#heads[slot];
      this.#heads[slot] = reference.from + at;
    });
    this.#total += values.length;
  }

  /** The first match of `values`, taken every `stride`-th (an interleaved table read by column). */
  find(values: Float32Array, stride = 1): Match | undefined {
    let found: Match | undefined;
    const column = stride === 1 ? values : undefined;
    for (let offset = 0; offset < stride && !found; offset++) {
      const series = column ?? every(values, stride, offset);
      if (series.length < this.#length) break;
      fingerprints(series, this.#bits, (at, print) => {
        let left = 64;
        for (let one = this.#heads[hash(print)]; one >= 0 && left-- > 0; one = this.#next[one]) {
          found = this.#confirm(series, at, one);
          if (found) return true;
        }
        return false;
      });
    }
    return found;
  }

  #confirm(series: Float32Array, at: number, position: number): Match | undefined {
    const reference = this.#referenceAt(position);
    const index = position - reference.from;
    const length = this.#length;
    if (at + length > series.length || index + length > reference.values.length) return undefined;
    // Most candidates are chance, and fail within a few samples.
    const few = Math.max(40, length >> 5);
    if (pearson(series, at, reference.values, index, few) < this.#least - 0.15) return undefined;
    const correlation = pearson(series, at, reference.values, index, length);
    if (correlation < this.#least) return undefined;
    // A loud stretch after a quiet one is like any other such; where it is the same sound, its parts are alike too.
    const part = Math.floor(length / PARTS);
    let inParts = 0;
    for (let from = 0; from + part <= length; from += part)
      inParts += pearson(series, at + from, reference.values, index + from, part) / PARTS;
    return inParts >= LEAST_IN_PARTS ? { of: reference.name, index, correlation, length } : undefined;
  }

  /** By halving: asked millions of times, of more than a thousand references. */
  #referenceAt(position: number): Reference {
    let [low, high] = [0, this.#references.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#references[middle].from <= position) low = middle;
      else high = middle - 1;
    }
    return this.#references[low];
  }
}

/**
 * Calls back with each place whose next steps turn often enough (a fingerprint that hardly turns is that of any counter
 * or decay, and tells nothing); ends early where that says true.
 */
function fingerprints(
  values: Float32Array,
  bits: number,
  each: (at: number, print: number) => boolean | void,
): void {
  const mask = (1 << bits) - 1;
  const minTurns = Math.floor(bits / 4);
  let print = 0;
  let equal = bits;
  for (let i = 1; i < values.length; i++) {
    const difference = values[i] - values[i - 1];
    print = ((print << 1) | (difference > 0 ? 1 : 0)) & mask;
    equal = difference === 0 || Number.isNaN(difference) ? bits : equal - 1;
    if (i < bits || equal > 0) continue;
    if (turns(print, bits) >= minTurns && each(i - bits, print) === true) return;
  }
}

function turns(print: number, bits: number): number {
  let x = (print ^ (print >> 1)) & ((1 << (bits - 1)) - 1);
  x -= (x >> 1) & 0x55555555;
  x = (x & 0x33333333) + ((x >> 2) & 0x33333333);
  return (((x + (x >> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}

function hash(print: number): number {
  return Math.imul(print, 0x9e3779b1) >>> (32 - TABLE_BITS);
}

function every(values: Float32Array, stride: number, offset: number): Float32Array {
  const out = new Float32Array(Math.floor((values.length - offset - 1) / stride) + 1);
  for (let i = 0; i < out.length; i++) out[i] = values[offset + i * stride];
  return out;
}

export function pearson(a: Float32Array, from: number, b: Float32Array, at: number, length: number): number {
  let [sa, sb, saa, sbb, sab] = [0, 0, 0, 0, 0];
  for (let i = 0; i < length; i++) {
    const x = a[from + i];
    const y = b[at + i];
    sa += x;
    sb += y;
    saa += x * x;
    sbb += y * y;
    sab += x * y;
  }
  const scale = Math.sqrt((saa - (sa * sa) / length) * (sbb - (sb * sb) / length));
  return scale > 0 ? (sab - (sa * sb) / length) / scale : 0;
}
