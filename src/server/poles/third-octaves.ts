import { LISTEN_RATE_HZ, fft } from '../../listen/index.js';

/** Nominal centres (IEC 61260-1) that 16 kHz sound holds whole. */
export const THIRD_OCTAVES_HZ = [
  50, 63, 80, 100, 125, 160, 200, 250, 315, 400, 500, 630, 800, 1000, 1250, 1600, 2000, 2500, 3150, 4000,
  5000, 6300,
];
const WINDOW = 4096;
const BIN_HZ = LISTEN_RATE_HZ / WINDOW;
const HANN = Float64Array.from(
  { length: WINDOW },
  (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / WINDOW),
);
/** Σ w²·N/2: a full-scale sine counts as power 1, whatever bins it falls into. */
const SCALE = HANN.reduce((sum, w) => sum + w * w, 0) * (WINDOW / 4);
const EDGE = 2 ** (1 / 6);
/** Exact centres are 1000·2^(n/3); band 1000 Hz is number 13 of the list. */
const BANDS = THIRD_OCTAVES_HZ.map((_, i) => {
  const centre = 1000 * 2 ** ((i - THIRD_OCTAVES_HZ.indexOf(1000)) / 3);
  return { from: Math.ceil(centre / EDGE / BIN_HZ), to: Math.ceil((centre * EDGE) / BIN_HZ) };
});

/**
 * Levels in third-octave bands, dB re a full-scale sine, over a second (Welch: Hann windows side by side, mean of their
 * powers). Holds at most a quarter of a second of sound, and zeroes it as it goes.
 */
export class ThirdOctaves {
  readonly #window = new Float32Array(WINDOW);
  readonly #re = new Float64Array(WINDOW);
  readonly #im = new Float64Array(WINDOW);
  readonly #power = new Float64Array(BANDS.length);
  #filled = 0;
  #windows = 0;

  push(samples: Float32Array): void {
    for (let from = 0; from < samples.length;) {
      const part = samples.subarray(from, from + WINDOW - this.#filled);
      this.#window.set(part, this.#filled);
      this.#filled += part.length;
      from += part.length;
      if (this.#filled === WINDOW) this.#transform();
    }
  }

  /** The mean since the last call, to a tenth of a decibel; undefined before the first whole window. */
  take(): number[] | undefined {
    if (this.#windows === 0) return undefined;
    const levels = Array.from(this.#power, (power) => {
      const db = 10 * Math.log10(power / this.#windows + 1e-15);
      return Math.round(db * 10) / 10;
    });
    this.#power.fill(0);
    this.#windows = 0;
    return levels;
  }

  wipe(): void {
    this.#window.fill(0);
    this.#power.fill(0);
    this.#filled = 0;
    this.#windows = 0;
  }

  #transform(): void {
    for (let i = 0; i < WINDOW; i++) this.#re[i] = this.#window[i] * HANN[i];
    this.#im.fill(0);
    fft(this.#re, this.#im);
    BANDS.forEach(({ from, to }, band) => {
      for (let k = from; k < to; k++) this.#power[band] += (this.#re[k] ** 2 + this.#im[k] ** 2) / SCALE;
    });
    this.#windows++;
    this.#filled = 0;
    this.#window.fill(0);
    this.#re.fill(0);
    this.#im.fill(0);
  }
}
