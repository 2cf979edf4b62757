import { Biquad, fade, mix, pinkNoise, slowNoise, whiteNoise } from '../filters.js';
import { toMeanLevel, toPeakLevel } from '../level.js';
import type { Random } from '../random.js';
import { samplesOf, silence, SOURCE_RATE_HZ, type SourceSound } from './source.js';

/** Thunder some kilometres off: rolling low noise, slow to rise, in several overlapping claps. Peak level at 1 m. */
export function thunder(random: Random, options: { seconds?: number; peakDbSpl?: number } = {}): SourceSound {
  const seconds = options.seconds ?? random.uniform(5, 9);
  const samples = silence(seconds);
  const claps = random.int(7, 14);
  for (let c = 0; c < claps; c++) {
    const length = samplesOf(random.uniform(1.5, 5));
    const noise = pinkNoise(length, random);
    const hz = random.logUniform(120, 700);
    Biquad.lowpass(hz, SOURCE_RATE_HZ).run(noise);
    Biquad.lowpass(hz * 1.7, SOURCE_RATE_HZ).run(noise);
    const rise = samplesOf(random.uniform(0.25, 0.9));
    const swell = slowNoise(length, SOURCE_RATE_HZ, 4, random);
    for (let i = 0; i < length; i++) {
      noise[i] *= (1 - Math.exp(-i / rise)) * Math.exp((-4 * i) / length) * Math.max(0.1, 1 + 0.4 * swell[i]);
    }
    const at = c === 0 ? 0.05 : random.uniform(0.1, seconds * 0.55);
    mix(samples, noise, samplesOf(at), random.uniform(0.3, 1));
  }
  fade(samples, samplesOf(0.2));
  return { samples: toPeakLevel(samples, options.peakDbSpl ?? random.uniform(128, 140)), onsetsSeconds: [] };
}

/** Rain on street and leaves: hiss, and drops near the microphone. Mean level at 1 m. */
export function rain(random: Random, options: { seconds?: number; meanDbSpl?: number } = {}): SourceSound {
  const seconds = options.seconds ?? 6;
  const samples = whiteNoise(samplesOf(seconds), random);
  Biquad.highpass(random.uniform(300, 900), SOURCE_RATE_HZ).run(samples);
  Biquad.lowpass(random.uniform(6000, 11000), SOURCE_RATE_HZ, 0.5).run(samples);
  const swell = slowNoise(samples.length, SOURCE_RATE_HZ, 0.6, random);
  for (let i = 0; i < samples.length; i++) samples[i] *= 0.35 * (1 + 0.2 * swell[i]);
  const drops = Math.round(seconds * random.logUniform(60, 500));
  for (let d = 0; d < drops; d++) {
    const length = samplesOf(random.uniform(0.003, 0.015));
    const drop = new Float32Array(length);
    const w = (2 * Math.PI * random.logUniform(900, 6000)) / SOURCE_RATE_HZ;
    for (let i = 0; i < length; i++) drop[i] = Math.sin(w * i) * Math.exp((-6 * i) / length);
    mix(samples, drop, Math.floor(random.next() * samples.length), random.logUniform(0.2, 3));
  }
  fade(samples, samplesOf(0.05));
  return { samples: toMeanLevel(samples, options.meanDbSpl ?? random.uniform(62, 78)), onsetsSeconds: [] };
}

/** Wind in gusts: rumble at the microphone and the rush in trees and masts. Mean level at 1 m. */
export function wind(random: Random, options: { seconds?: number; meanDbSpl?: number } = {}): SourceSound {
  const seconds = options.seconds ?? 6;
  const n = samplesOf(seconds);
  const gusts = slowNoise(n, SOURCE_RATE_HZ, random.uniform(0.4, 1.2), random);
  const buffet = slowNoise(n, SOURCE_RATE_HZ, 14, random);
  const rumble = windNoise(n, SOURCE_RATE_HZ, random);
  const rush = pinkNoise(n, random);
  Biquad.bandpass(random.uniform(300, 700), SOURCE_RATE_HZ, 0.8).run(rush);
  const samples = new Float32Array(n);
  for (let i = 0; i < n; i++) {
    const gust = Math.max(0.1, 1 + 0.6 * gusts[i]);
    samples[i] = gust * gust * (rumble[i] * (1 + 0.5 * buffet[i]) + 0.25 * rush[i]);
  }
  if (random.chance(0.4)) addHowl(samples, gusts, random);
  fade(samples, samplesOf(0.05));
  return { samples: toMeanLevel(samples, options.meanDbSpl ?? random.uniform(65, 85)), onsetsSeconds: [] };
}

/** Turbulence at the microphone: close to 1/f², most of it below 200 Hz. RMS about 1. */
export function windNoise(length: number, rateHz: number, random: Random): Float32Array {
  const out = pinkNoise(length, random);
  const cut = Biquad.lowpass(60, rateHz, 0.5);
  const highpass = Biquad.highpass(8, rateHz);
  for (let i = 0; i < length; i++) out[i] = 1.4 * highpass.next(cut.next(out[i]));
  return out;
}

function addHowl(samples: Float32Array, gusts: Float32Array, random: Random): void {
  const hz = random.uniform(350, 800);
  let phase = 0;
  for (let i = 0; i < samples.length; i++) {
    phase += (2 * Math.PI * hz * (1 + 0.08 * gusts[i])) / SOURCE_RATE_HZ;
    samples[i] += 0.15 * Math.max(0, gusts[i]) * Math.sin(phase) * (1 + 0.2 * random.white());
  }
}
