import {
  filterBins,
  LOOP_SAMPLES,
  loopFiltered,
  loopInput,
  loopPeak,
  loopPower,
  loopState,
  wipeLoop,
} from './envelope-loop.js';

/** One bin of the envelope: 1 ms. */
export const BIN_SAMPLES = 16;
/** 256 ms of filtered sound and of bins: more than the picker ever looks back. */
const RING_SAMPLES = 4096;
export const RING_BINS = RING_SAMPLES / BIN_SAMPLES;
/** Bins that go to the rings at a time: the picker looks back on some 200, of 256. */
const PIECE_BINS = 64;
/** Where the loop's state holds the last input sample. */
const LAST_INPUT = 5;

/**
 * The band-limited sound of one pole and its envelope in bins of 1 ms, over the last 256 ms.
 * Works in whole bins counted from the first sample, and holds the rest back, so where blocks begin and end changes
 * nothing, bit for bit.
 * The rings belong to it; the picker only reads them. `wipe` zeroes them.
 */
export class Envelope {
  /** High-passed samples, by absolute index modulo the length. */
  readonly filtered = new Float32Array(RING_SAMPLES);
  /** Mean square of the high-passed sound, by bin modulo the length. */
  readonly powers = new Float64Array(RING_BINS);
  /** Greatest magnitude of the sound without DC, by bin. */
  readonly #peak = new Float32Array(RING_BINS);
  readonly #state = new Float64Array(loopState.length);
  /** The samples of a bin that is not whole yet. */
  readonly #rest = new Float32Array(BIN_SAMPLES);
  #restLength = 0;
  #bins = 0;

  /** Whole bins so far. */
  get bins(): number {
    return this.#bins;
  }

  power(bin: number): number {
    return this.powers[bin & (RING_BINS - 1)];
  }

  peak(bin: number): number {
    return this.#peak[bin & (RING_BINS - 1)];
  }

  /**
   * Filters the samples from `from` to before `to` and hands the bins that they make whole to the rings in pieces, so
   * that what is looked back on still lies there: `told` is called after each. What is not finite counts as silence.
   */
  take(samples: Float32Array, from: number, to: number, told: () => void): void {
    for (let at = from; at < to; at += LOOP_SAMPLES - BIN_SAMPLES)
      this.#take(samples, at, Math.min(to, at + LOOP_SAMPLES - BIN_SAMPLES), told);
  }

  #take(samples: Float32Array, from: number, to: number, told: () => void): void {
    const held = this.#restLength;
    const length = held + to - from;
    for (let i = 0; i < held; i++) loopInput[i] = this.#rest[i];
    loopInput.set(from === 0 && to === samples.length ? samples : samples.subarray(from, to), held);
    const count = Math.floor(length / BIN_SAMPLES);
    this.#restLength = length - count * BIN_SAMPLES;
    for (let i = 0; i < this.#restLength; i++) this.#rest[i] = loopInput[count * BIN_SAMPLES + i];
    if (count > 0) this.#filter(count);
    for (let bin = 0; bin < count; bin += PIECE_BINS) {
      this.#keep(bin, Math.min(count, bin + PIECE_BINS));
      told();
    }
    wipeLoop(length);
  }

  #filter(count: number): void {
    this.#run(count);
    // Anything not finite spoils its bin: one look at each instead of one a sample.
    let poison = 0;
    for (let i = 0; i < count; i++) poison += loopPower[i] * 0;
    if (poison !== 0) {
      for (let i = 0; i < count * BIN_SAMPLES; i++) if (!Number.isFinite(loopInput[i])) loopInput[i] = 0;
      this.#run(count);
    }
    this.#state.set(loopState);
  }

  #run(count: number): void {
    loopState.set(this.#state);
    // The first sample defines DC, so that an offset is no onset.
    if (this.#bins === 0) loopState[LAST_INPUT] = loopInput[0];
    filterBins(count);
  }

  /** Copies bins from the loop's memory to the rings. */
  #keep(from: number, to: number): void {
    const { powers } = this;
    const peaks = this.#peak;
    const first = this.#bins & (RING_BINS - 1);
    for (let i = from, slot = first; i < to; i++) {
      powers[slot] = loopPower[i];
      peaks[slot] = loopPeak[i];
      slot = (slot + 1) & (RING_BINS - 1);
    }
    this.#bins += to - from;
    const whole = Math.min(to, from + RING_BINS - first);
    this.#copy(from, whole, first);
    if (whole < to) this.#copy(whole, to, 0);
  }

  #copy(from: number, to: number, slot: number): void {
    this.filtered.set(loopFiltered.subarray(from * BIN_SAMPLES, to * BIN_SAMPLES), slot * BIN_SAMPLES);
  }

  /** Forgets and zeroes everything: the start of a feed, a break, the end. */
  wipe(): void {
    this.filtered.fill(0);
    this.powers.fill(0);
    this.#peak.fill(0);
    this.#state.fill(0);
    this.#rest.fill(0);
    this.#restLength = 0;
    this.#bins = 0;
  }
}
