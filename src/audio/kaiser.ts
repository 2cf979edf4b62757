/**
 * Kaiser-windowed sinc filters as tables of phases.
 *
 * Method: J. F. Kaiser, "Nonrecursive digital filter design using the I0-sinh window function" (1974); Oppenheim &
 * Schafer, Discrete-Time Signal Processing, ch. 7.5 (beta and length) ; J. O. Smith, "Digital Audio Resampling", for
 * interpolating between phases.
 */
export interface FilterBank {
  /** Input samples under the filter; a multiple of 16, for the vector loop. */
  taps: number;
  /** Rows of `table`. */
  phases: number;
  /**
   * `[phases + 1][taps]`: row p weighs the input for an output that lies p / phases of a sample past the middle tap
   * (index taps / 2 - 1). The last row, a whole sample further, is there to interpolate towards. Each row sums to 1.
   */
  table: Float32Array;
}

/** 4 dB more than asked for keep 90 dB after rounding the length, interpolating phases and 32-bit sums. */
const STOP_BAND_DB = 94;
/** Where the pass-band ends and the stop-band begins, as shares of the lower of the two rates. */
const PASS_EDGE = 0.4375;
const STOP_EDGE = 0.5;

/** Modified Bessel function of the first kind, order 0, by its power series; to double precision for x up to 30. */
export function besselI0(x: number): number {
  const quarter = (x * x) / 4;
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= quarter / (k * k);
    sum += term;
  }
  return sum;
}

/**
 * A low-pass for going from `inputRateHz` to `outputRateHz`: flat to 0.4375 of the lower rate (7 kHz at 16 kHz),
 * at least 90 dB down from half of it, linear phase.
 */
export function designBank(inputRateHz: number, outputRateHz: number, phases: number): FilterBank {
  const rate = Math.min(inputRateHz, outputRateHz);
  // In cycles per input sample.
  const cutoff = (((PASS_EDGE + STOP_EDGE) / 2) * rate) / inputRateHz;
  const width = ((STOP_EDGE - PASS_EDGE) * rate) / inputRateHz;
  const beta = 0.1102 * (STOP_BAND_DB - 8.7);
  const length = (STOP_BAND_DB - 7.95) / (2.285 * 2 * Math.PI * width) + 1;
  // One sample and a half less costs a third of a dB, and often 16 samples.
  const taps = 16 * Math.ceil((length - 1.5) / 16);
  const half = taps / 2;
  const scale = 1 / besselI0(beta);
  const table = new Float32Array((phases + 1) * taps);
  const row = new Float64Array(taps);
  for (let phase = 0; phase <= phases; phase++) {
    let sum = 0;
    for (let tap = 0; tap < taps; tap++) {
      const t = tap - (half - 1) - phase / phases;
      const edge = 1 - (t / half) ** 2;
      const window = edge < 0 ? 0 : besselI0(beta * Math.sqrt(edge)) * scale;
      const angle = 2 * Math.PI * cutoff * t;
      row[tap] = (angle === 0 ? 1 : Math.sin(angle) / angle) * window;
      sum += row[tap];
    }
    for (let tap = 0; tap < taps; tap++) table[phase * taps + tap] = row[tap] / sum;
  }
  return { taps, phases, table };
}
