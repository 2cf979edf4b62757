import { Biquad, mix, pinkNoise, scale, slowNoise, whiteNoise } from './filters.js';
import { pascalOf, toMeanLevel } from './level.js';
import type { Random } from './random.js';
import { windNoise } from './sources/nature.js';

/** What a pole hears when nothing happens. */
export interface Background {
  /** Mean level of the town (traffic far away, close to 1/f), dB SPL. Default 50. */
  levelDbSpl?: number;
  /** Makes the turbulence at the microphone. Default 0: none. */
  windSpeed?: number;
}

const DEFAULT_BACKGROUND_DB_SPL = 50;
/** The microphone's and its amplifier's own noise. */
const SELF_NOISE_DB_SPL = 32;
/** Behind a foam ball: about 35 dB SPL at 1 m/s, growing with the square of the speed (40 log v over power). */
const WIND_NOISE_AT_1_MPS_DB_SPL = 28;

/** Background at a pole's own rate, pascal. */
export function background(
  length: number,
  rateHz: number,
  options: Background,
  random: Random,
): Float32Array {
  const town = pinkNoise(length, random.fork('town'));
  Biquad.lowpass(Math.min(900, rateHz * 0.4), rateHz, 0.4).run(town);
  const swell = slowNoise(length, rateHz, 0.3, random.fork('swell'));
  for (let i = 0; i < length; i++) town[i] *= Math.max(0.3, 1 + 0.15 * swell[i]);
  toMeanLevel(town, options.levelDbSpl ?? DEFAULT_BACKGROUND_DB_SPL);
  mix(town, whiteNoise(length, random.fork('self')), 0, pascalOf(SELF_NOISE_DB_SPL));
  const speed = options.windSpeed ?? 0;
  if (speed > 0.5) {
    const wind = windNoise(length, rateHz, random.fork('wind'));
    const gusts = slowNoise(length, rateHz, 0.7, random.fork('gusts'));
    for (let i = 0; i < length; i++) wind[i] *= Math.max(0.2, 1 + 0.4 * gusts[i]);
    mix(town, wind, 0, pascalOf(WIND_NOISE_AT_1_MPS_DB_SPL + 40 * Math.log10(speed)));
  }
  return town;
}

/**
 * The converter: pascal to 16 bit, clipped hard at full scale. `fullScaleDbSpl` is the level of a sine that just
 * fills it, so full scale is √2 times its effective pressure.
 */
export function digitise(pressure: Float32Array, fullScaleDbSpl: number): Int16Array {
  const out = new Int16Array(pressure.length);
  const factor = 32768 / (pascalOf(fullScaleDbSpl) * Math.SQRT2);
  for (let i = 0; i < pressure.length; i++) {
    out[i] = Math.max(-32768, Math.min(32767, Math.round(pressure[i] * factor)));
  }
  return out;
}

/** Scales a recording so that its largest sample is the given peak level at 1 m. */
export function calibrate(samples: Float32Array, peakDbSpl: number): Float32Array {
  let most = 0;
  for (const sample of samples) most = Math.max(most, Math.abs(sample));
  return most > 0 ? scale(samples, pascalOf(peakDbSpl) / most) : samples;
}
