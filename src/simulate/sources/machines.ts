import { Biquad, fade, mix, pinkNoise, slowNoise, whiteNoise } from '../filters.js';
import { toMeanLevel, toPeakLevel } from '../level.js';
import type { Random } from '../random.js';
import { knock } from './knock.js';
import { samplesOf, silence, SOURCE_RATE_HZ, type SourceSound } from './source.js';

export interface EngineOptions {
  seconds?: number;
  meanDbSpl?: number;
  /** Idling on the spot, or rising and falling in pitch and level as it drives by. */
  passBy?: boolean;
  /** Low bangs from the exhaust: a classic confuser of shots. */
  backfires?: number;
}

/** A piston engine: exhaust pulses through the pipe's resonances, uneven from cylinder to cylinder, and tyre noise. */
export function engine(random: Random, options: EngineOptions = {}): SourceSound {
  const seconds = options.seconds ?? 6;
  const n = samplesOf(seconds);
  const samples = new Float32Array(n);
  const passBy = options.passBy ?? random.chance(0.5);
  const firingHz = passBy ? random.uniform(50, 130) : random.uniform(18, 45);
  const cylinders = Array.from({ length: 4 }, () => random.uniform(0.6, 1));
  const wander = slowNoise(n, SOURCE_RATE_HZ, 2, random);
  const pulses = pinkNoise(n, random);
  let phase = 0;
  let cylinder = 0;
  for (let i = 0; i < n; i++) {
    const x = i / n;
    // Doppler and gear: falls as the car passes the middle.
    const bend = passBy ? 1.06 - 0.12 / (1 + Math.exp(-(x - 0.5) * 14)) : 1;
    phase += (firingHz * bend * (1 + 0.015 * wander[i])) / SOURCE_RATE_HZ;
    if (phase >= 1) {
      phase -= 1;
      cylinder = (cylinder + 1) % cylinders.length;
    }
    samples[i] = cylinders[cylinder] * Math.exp(-9 * phase) * (1 + 0.6 * pulses[i]) + 0.08 * pulses[i];
  }
  Biquad.highpass(25, SOURCE_RATE_HZ).run(samples);
  const pipe = Float32Array.from(samples);
  Biquad.bandpass(random.uniform(80, 220), SOURCE_RATE_HZ, 2).run(pipe);
  mix(samples, pipe, 0, 2);
  Biquad.lowpass(random.uniform(700, 2500), SOURCE_RATE_HZ, 0.6).run(samples);
  if (passBy) {
    const tyres = whiteNoise(n, random);
    Biquad.bandpass(900, SOURCE_RATE_HZ, 0.7).run(tyres);
    mix(samples, tyres, 0, 0.12);
    for (let i = 0; i < n; i++) samples[i] /= 1 + 25 * (i / n - 0.5) * (i / n - 0.5);
  }
  fade(samples, samplesOf(0.2));
  toMeanLevel(samples, options.meanDbSpl ?? random.uniform(78, 92));
  for (let b = options.backfires ?? 0; b > 0; b--) {
    const bang = knock(random, {
      modesHz: [70, 130, 210, 340],
      decaySeconds: 0.05,
      brightHz: 1200,
      noise: 0.8,
    });
    mix(samples, toPeakLevel(bang, random.uniform(112, 122)), samplesOf(random.uniform(0.1, 0.85) * seconds));
  }
  return { samples, onsetsSeconds: [] };
}

/** A jackhammer: 10 to 25 heavy strokes a second on a ringing bit, over a compressor. */
export function jackhammer(
  random: Random,
  options: { seconds?: number; peakDbSpl?: number } = {},
): SourceSound {
  const seconds = options.seconds ?? 6;
  const samples = engine(random.fork('compressor'), { seconds, passBy: false, meanDbSpl: 80 }).samples;
  const peakDbSpl = options.peakDbSpl ?? random.uniform(108, 118);
  const strokeHz = random.uniform(12, 26);
  const modesHz = [random.uniform(180, 320), random.uniform(700, 1300), random.uniform(2000, 3500)];
  let at = 0.1;
  let restUntil = random.uniform(1.5, 4);
  while (at < seconds - 0.2) {
    const stroke = knock(random, { modesHz, decaySeconds: 0.025, brightHz: 5000, noise: 0.7 });
    mix(samples, toPeakLevel(stroke, peakDbSpl + random.uniform(-3, 0)), samplesOf(at));
    at += (1 / strokeHz) * random.uniform(0.93, 1.07);
    if (at > restUntil) {
      at += random.uniform(0.3, 1);
      restUntil = at + random.uniform(1.5, 4);
    }
  }
  return { samples, onsetsSeconds: [] };
}

/** A hammer on wood, metal or stone: 1 to 3 strokes a second. */
export function hammer(random: Random, options: { seconds?: number; peakDbSpl?: number } = {}): SourceSound {
  const seconds = options.seconds ?? 5;
  const samples = silence(seconds);
  const metal = random.chance(0.5);
  const modesHz = Array.from({ length: 5 }, () =>
    metal ? random.logUniform(900, 6500) : random.logUniform(150, 1800),
  );
  const paceSeconds = random.uniform(0.3, 0.9);
  const peakDbSpl = options.peakDbSpl ?? random.uniform(104, 116);
  for (let at = 0.1; at < seconds - 0.3; at += paceSeconds * random.uniform(0.85, 1.2)) {
    const stroke = knock(random, {
      modesHz,
      decaySeconds: metal ? 0.12 : 0.03,
      brightHz: metal ? 9000 : 3500,
      noise: 0.5,
    });
    mix(samples, toPeakLevel(stroke, peakDbSpl + random.uniform(-4, 0)), samplesOf(at));
  }
  return { samples, onsetsSeconds: [] };
}

/** Sirens of French services (two tones) and wailing or yelping ones. */
export function siren(random: Random, options: { seconds?: number; meanDbSpl?: number } = {}): SourceSound {
  const seconds = options.seconds ?? 6;
  const samples = silence(seconds);
  const kind = random.pick(['two-tone', 'two-tone', 'wail', 'yelp'] as const);
  const [low, high] = random.pick([
    [435, 580],
    [435, 651],
    [435, 488],
    [380, 510],
  ]);
  const periodSeconds =
    kind === 'two-tone' ? random.uniform(0.9, 1.3) : kind === 'wail' ? random.uniform(3, 6) : 0.35;
  let phase = 0;
  for (let i = 0; i < samples.length; i++) {
    const x = (i / SOURCE_RATE_HZ / periodSeconds) % 1;
    const hz =
      kind === 'two-tone' ? (x < 0.5 ? low : high) : 650 + 700 * (0.5 - 0.5 * Math.cos(2 * Math.PI * x));
    phase += (2 * Math.PI * hz) / SOURCE_RATE_HZ;
    // A horn driven hard: odd harmonics, and a horn's own band.
    samples[i] = Math.tanh(2.5 * Math.sin(phase) + 0.6 * Math.sin(2 * phase));
  }
  Biquad.bandpass(1400, SOURCE_RATE_HZ, 0.5).run(samples);
  fade(samples, samplesOf(0.15));
  return { samples: toMeanLevel(samples, options.meanDbSpl ?? random.uniform(100, 112)), onsetsSeconds: [] };
}

/** Car horns: two tones a third apart, short and angry or long. */
export function horn(random: Random, options: { seconds?: number; meanDbSpl?: number } = {}): SourceSound {
  const seconds = options.seconds ?? 4;
  const samples = silence(seconds);
  let at = 0.1;
  while (at < seconds - 0.4) {
    const length = Math.min(samplesOf(random.uniform(0.2, 1.4)), samples.length - samplesOf(at));
    const toot = new Float32Array(length);
    const hz = random.uniform(340, 440);
    let phase = 0;
    for (let i = 0; i < length; i++) {
      phase += (2 * Math.PI * hz) / SOURCE_RATE_HZ;
      toot[i] = Math.tanh(3 * Math.sin(phase)) + Math.tanh(3 * Math.sin(1.26 * phase));
    }
    mix(samples, fade(toot, samplesOf(0.012)), samplesOf(at));
    at += length / SOURCE_RATE_HZ + random.uniform(0.15, 1);
  }
  Biquad.bandpass(1200, SOURCE_RATE_HZ, 0.5).run(samples);
  return { samples: toMeanLevel(samples, options.meanDbSpl ?? random.uniform(96, 106)), onsetsSeconds: [] };
}

/** A street of traffic without events: many engines and tyres far off, and cars that pass. */
export function traffic(random: Random, options: { seconds?: number; meanDbSpl?: number } = {}): SourceSound {
  const seconds = options.seconds ?? 10;
  const samples = pinkNoise(samplesOf(seconds), random);
  Biquad.lowpass(500, SOURCE_RATE_HZ, 0.5).run(samples);
  toMeanLevel(samples, 70);
  for (let at = random.uniform(-2, 1); at < seconds; at += random.uniform(1.5, 4)) {
    const car = engine(random.fork(`car${at.toFixed(3)}`), { seconds: 5, passBy: true, meanDbSpl: 76 });
    mix(samples, car.samples, samplesOf(at));
  }
  fade(samples, samplesOf(0.2));
  return { samples: toMeanLevel(samples, options.meanDbSpl ?? random.uniform(82, 92)), onsetsSeconds: [] };
}
