import { Biquad, fade, mix, whiteNoise } from '../filters.js';
import { toMeanLevel } from '../level.js';
import type { Random } from '../random.js';
import { samplesOf, silence, SOURCE_RATE_HZ, type SourceSound } from './source.js';

/** A band from a terrace: chords of plucked strings, a bass line, and drums, whose strokes a picker must not take. */
export function music(random: Random, options: { seconds?: number; meanDbSpl?: number } = {}): SourceSound {
  const seconds = options.seconds ?? 8;
  const samples = silence(seconds);
  const beatSeconds = random.uniform(0.38, 0.62);
  const rootHz = random.uniform(110, 185);
  const minor = random.chance(0.5);
  const degrees = random.pick([
    [0, 5, 7, 0],
    [0, -3, 5, 7],
    [0, 7, 9, 5],
  ]);
  const drums = random.chance(0.7);
  for (let beat = 0; beat * beatSeconds < seconds; beat++) {
    const at = samplesOf(beat * beatSeconds);
    const chordHz = rootHz * Math.pow(2, degrees[Math.floor(beat / 4) % degrees.length] / 12);
    if (beat % 2 === 0 || random.chance(0.5)) {
      for (const semitones of [0, minor ? 3 : 4, 7, 12]) {
        pluck(samples, at, 2 * chordHz * Math.pow(2, semitones / 12), beatSeconds * 2, 0.35, random);
      }
    }
    pluck(samples, at, chordHz / 2, beatSeconds, 0.9, random);
    if (drums) {
      if (beat % 2 === 0) kick(samples, at);
      else snare(samples, at, random);
      hat(samples, at + samplesOf(beatSeconds / 2), random);
    }
  }
  fade(samples, samplesOf(0.1));
  return { samples: toMeanLevel(samples, options.meanDbSpl ?? random.uniform(82, 96)), onsetsSeconds: [] };
}

/** Karplus and Strong's plucked string. */
function pluck(
  target: Float32Array,
  at: number,
  hz: number,
  seconds: number,
  gain: number,
  random: Random,
): void {
  const period = Math.max(2, Math.round(SOURCE_RATE_HZ / hz));
  const string = Float32Array.from({ length: period }, () => random.white());
  const n = Math.min(samplesOf(seconds), target.length - at);
  for (let i = 0; i < n; i++) {
    const k = i % period;
    const y = string[k];
    string[k] = 0.4985 * (y + string[(k + 1) % period]);
    target[at + i] += gain * y;
  }
}

function kick(target: Float32Array, at: number): void {
  let phase = 0;
  for (let i = 0; i < samplesOf(0.3) && at + i < target.length; i++) {
    const t = i / SOURCE_RATE_HZ;
    phase += (2 * Math.PI * (48 + 110 * Math.exp(-t / 0.025))) / SOURCE_RATE_HZ;
    target[at + i] += 1.6 * Math.sin(phase) * Math.exp(-t / 0.09);
  }
}

function snare(target: Float32Array, at: number, random: Random): void {
  const noise = whiteNoise(samplesOf(0.22), random);
  Biquad.highpass(900, SOURCE_RATE_HZ).run(noise);
  for (let i = 0; i < noise.length; i++) {
    const t = i / SOURCE_RATE_HZ;
    noise[i] =
      0.45 * noise[i] * Math.exp(-t / 0.05) + 0.7 * Math.sin(2 * Math.PI * 190 * t) * Math.exp(-t / 0.03);
  }
  mix(target, noise, at);
}

function hat(target: Float32Array, at: number, random: Random): void {
  const noise = whiteNoise(samplesOf(0.06), random);
  Biquad.highpass(6500, SOURCE_RATE_HZ).run(noise);
  for (let i = 0; i < noise.length; i++) noise[i] *= 0.25 * Math.exp(-i / 600);
  mix(target, noise, at);
}
