import { peak, rms, scale } from './filters.js';

/** Reference pressure of dB SPL, pascal. */
const REFERENCE_PASCAL = 20e-6;

/** Sound pressure of a level in dB SPL, pascal. */
export function pascalOf(levelDbSpl: number): number {
  return REFERENCE_PASCAL * Math.pow(10, levelDbSpl / 20);
}

/** Level of a pressure in dB SPL; -Infinity for silence. */
export function levelOf(pascal: number): number {
  return 20 * Math.log10(Math.abs(pascal) / REFERENCE_PASCAL);
}

/** Scales in place so that the largest pressure is `levelDbSpl` (peak level, as blasts are given). Silence stays. */
export function toPeakLevel(samples: Float32Array, levelDbSpl: number): Float32Array {
  const most = peak(samples);
  return most > 0 ? scale(samples, pascalOf(levelDbSpl) / most) : samples;
}

/** Scales in place so that the RMS over the whole sound is `levelDbSpl` (as lasting sounds are given). */
export function toMeanLevel(samples: Float32Array, levelDbSpl: number): Float32Array {
  const mean = rms(samples);
  return mean > 0 ? scale(samples, pascalOf(levelDbSpl) / mean) : samples;
}
