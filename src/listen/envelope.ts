import { SAMPLE_RATE_HZ } from '../audio/index.js';

/** One bin of the envelope: 1 ms. */
export const BIN_SAMPLES = 16;
/** Wind and traffic lie below this; the break of a shot, even a far one, reaches above it. */
const HIGH_PASS_HZ = 250;
/** Pole of the one-pole filter that takes DC out before the peak is measured: a corner of about 13 Hz. */
const DC_POLE = 0.995;
/** 256 ms of filtered sound and of bins: more than the picker ever looks back. */
const RING_SAMPLES = 4096;
export const RING_BINS = RING_SAMPLES / BIN_SAMPLES;
/** Filter states smaller than this are zeroed, or long silence would end in slow denormal numbers. */
const TINY = 1e-30;

/**
 * The band-limited sound of one pole and its envelope in bins of 1 ms, over the last 256 ms.
 * DC blocker, then a second-order Butterworth high-pass (bilinear transform with prewarping).
 * Works sample by sample, so where blocks begin and end changes nothing, bit for bit.
 * The rings belong to it; the picker only reads them. `wipe` zeroes them.
 */
export class Envelope {
  /** High-passed samples, by absolute index modulo the length. */
  readonly filtered = new Float32Array(RING_SAMPLES);
  /** Mean square of the high-passed sound, by bin. */
  readonly #power = new Float64Array(RING_BINS);
  /** Greatest magnitude of the sound without DC, by bin. */
  readonly #peak = new Float32Array(RING_BINS);
  readonly #b0: number;
  readonly #a1: number;
  readonly #a2: number;
  #lastInput = 0;
  #lastFlat = 0;
  #z1 = 0;
  #z2 = 0;
  #sum = 0;
  #top = 0;
  #samples = 0;

  constructor() {
    const w = (2 * Math.PI * HIGH_PASS_HZ) / SAMPLE_RATE_HZ;
    const alpha = Math.sin(w) / Math.SQRT2;
    this.#b0 = (1 + Math.cos(w)) / 2 / (1 + alpha);
    this.#a1 = (-2 * Math.cos(w)) / (1 + alpha);
    this.#a2 = (1 - alpha) / (1 + alpha);
  }

  /** Whole bins so far. */
  get bins(): number {
    return Math.floor(this.#samples / BIN_SAMPLES);
  }

  power(bin: number): number {
    return this.#power[bin & (RING_BINS - 1)];
  }

  peak(bin: number): number {
    return this.#peak[bin & (RING_BINS - 1)];
  }

  /** Takes the samples from `from` to before `to`, at most half the ring. What is not finite counts as silence. */
  take(samples: Float32Array, from: number, to: number): void {
    const before = [this.#lastInput, this.#lastFlat, this.#z1, this.#z2, this.#sum, this.#top, this.#samples];
    // The first sample defines DC, so that an offset is no onset.
    if (this.#samples === 0 && from < to) this.#lastInput = samples[from];
    this.#filter(samples, from, to);
    // Anything not finite stays in the filter for good: one look at the end instead of one a sample.
    if (Number.isFinite(this.#z1) && Number.isFinite(this.#lastFlat)) return;
    [this.#lastInput, this.#lastFlat, this.#z1, this.#z2, this.#sum, this.#top, this.#samples] = before;
    const finite = samples.slice(from, to).map((x) => (Number.isFinite(x) ? x : 0));
    if (this.#samples === 0) this.#lastInput = finite[0];
    this.#filter(finite, 0, finite.length);
  }

  #filter(samples: Float32Array, from: number, to: number): void {
    const { filtered } = this;
    const b0 = this.#b0;
    const a1 = this.#a1;
    const a2 = this.#a2;
    // One loop with its state in locals and no branch: the filter's own chain of sums is the cost.
    let last = this.#lastInput;
    let flat = this.#lastFlat;
    let z1 = this.#z1;
    let z2 = this.#z2;
    let sum = this.#sum;
    let top = this.#top;
    let at = this.#samples;
    for (let i = from; i < to;) {
      const binEnd = Math.min(to, i + BIN_SAMPLES - (at % BIN_SAMPLES));
      let slot = at & (RING_SAMPLES - 1);
      at += binEnd - i;
      for (; i < binEnd; i++) {
        const x = samples[i];
        flat = DC_POLE * (flat + x - last);
        last = x;
        const fed = b0 * flat;
        const y = fed + z1;
        z1 = z2 - 2 * fed - a1 * y;
        z2 = fed - a2 * y;
        filtered[slot++] = y;
        sum += y * y;
        const magnitude = Math.abs(flat);
        top = magnitude > top ? magnitude : top;
      }
      if (at % BIN_SAMPLES !== 0) break;
      const bin = (at / BIN_SAMPLES - 1) & (RING_BINS - 1);
      this.#power[bin] = sum / BIN_SAMPLES;
      this.#peak[bin] = top;
      sum = 0;
      top = 0;
      if (Math.abs(flat) < TINY) flat = 0;
      if (Math.abs(z1) < TINY) z1 = 0;
      if (Math.abs(z2) < TINY) z2 = 0;
    }
    this.#lastInput = last;
    this.#lastFlat = flat;
    this.#z1 = z1;
    this.#z2 = z2;
    this.#sum = sum;
    this.#top = top;
    this.#samples = at;
  }

  /** Forgets and zeroes everything: the start of a feed, a break, the end. */
  wipe(): void {
    this.filtered.fill(0);
    this.#power.fill(0);
    this.#peak.fill(0);
    this.#lastInput = 0;
    this.#lastFlat = this.#z1 = this.#z2 = this.#sum = this.#top = this.#samples = 0;
  }
}
