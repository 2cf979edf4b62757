import type { ClameurError } from '../config/index.js';

/** Writes a patch into the row it is given; false where it cannot any more. */
export type PatchWriter = (row: Float32Array) => boolean;

/** A patch that waits for its scores. */
export interface Waiter {
  write: PatchWriter;
  resolve: (scores: Float32Array) => void;
  reject: (error: ClameurError) => void;
}

/** Patches that travel together. */
export interface Batch {
  /** Goes to the worker and comes back zeroed. */
  sound: ArrayBuffer;
  waiters: Waiter[];
}

/** So many that have left may still lie in the list: cutting it shorter each time would cost as much as the batches. */
const MOST_SPENT = 256;

/**
 * Patches in the order in which they came. None holds sound while it waits: a thousand poles' patches end at the same
 * moment, and each is read from its pole's ring when its batch leaves.
 */
export class PatchQueue {
  readonly #mostRows: number;
  readonly #patchSamples: number;
  #waiters: Waiter[] = [];
  /** What lies before it has left. */
  #first = 0;
  readonly #free: ArrayBuffer[] = [];

  constructor(mostRows: number, patchSamples: number) {
    this.#mostRows = mostRows;
    this.#patchSamples = patchSamples;
  }

  get length(): number {
    return this.#waiters.length - this.#first;
  }

  push(waiter: Waiter): void {
    this.#waiters.push(waiter);
  }

  /** The next batch, written, at most `mostRows`; `late`: those on the way whose sound is no longer there. */
  next(): { batch?: Batch; late: Waiter[] } {
    const waiters: Waiter[] = [];
    const late: Waiter[] = [];
    if (this.length === 0) return { late };
    const sound = this.#free.pop() ?? new ArrayBuffer(this.#mostRows * this.#patchSamples * 4);
    while (waiters.length < this.#mostRows && this.length > 0) {
      const waiter = this.#waiters[this.#first++];
      const row = new Float32Array(sound, waiters.length * this.#patchSamples * 4, this.#patchSamples);
      (waiter.write(row) ? waiters : late).push(waiter);
    }
    if (this.length === 0 || this.#first >= MOST_SPENT) this.#waiters = this.clear();
    if (waiters.length > 0) return { batch: { sound, waiters }, late };
    this.giveBack(sound);
    return { late };
  }

  /** A batch's buffer to use again, zeroed. */
  giveBack(sound: ArrayBuffer): void {
    this.#free.push(sound);
  }

  /** Empties the queue; gives what waited. */
  clear(): Waiter[] {
    const left = this.#waiters.slice(this.#first);
    this.#waiters = [];
    this.#first = 0;
    return left;
  }
}
