import { Biquad, mix, pinkNoise, slowNoise } from '../filters.js';
import { pascalOf } from '../level.js';
import type { Random } from '../random.js';
import { addFriedlander } from './blast.js';
import { samplesOf, silence, SOURCE_RATE_HZ, type SourceSound } from './source.js';

export interface ExplosionOptions {
  /** Peak at 1 m, dB SPL (far-field equivalent). Default 160 to 172. */
  peakDbSpl?: number;
  /** Positive phase; 10 ms is a gas bottle, 150 ms tonnes of explosive. Default 10 to 60 ms. */
  tauSeconds?: number;
}

const FRONT_SECONDS = 0.05;

/**
 * An explosion: a long Friedlander wave, a weaker second shock, the roar of the fireball (noise whose pitch falls)
 * and debris. A front seconds later sounds like a rumble because the low part outlives the high one.
 */
export function explosion(random: Random, options: ExplosionOptions = {}): SourceSound {
  const tau = options.tauSeconds ?? random.logUniform(0.01, 0.06);
  const peakPascal = pascalOf(options.peakDbSpl ?? random.uniform(160, 172));
  const roarSeconds = random.uniform(1.6, 3.2);
  const samples = silence(FRONT_SECONDS + roarSeconds * 1.6);
  const front = FRONT_SECONDS * SOURCE_RATE_HZ;
  addFriedlander(samples, front, peakPascal, tau);
  addFriedlander(
    samples,
    front + random.uniform(1.5, 4) * tau * SOURCE_RATE_HZ,
    peakPascal * random.uniform(0.1, 0.3),
    tau * 0.8,
  );

  // Three bands, each decaying more slowly than the one above it.
  const bands = [
    { hz: 2500, decay: roarSeconds * 0.06, db: -17 },
    { hz: 600, decay: roarSeconds * 0.14, db: -16 },
    { hz: 140, decay: roarSeconds * 0.33, db: -17 },
  ];
  for (const { hz, decay, db } of bands) {
    const noise = pinkNoise(samples.length - Math.ceil(front), random);
    Biquad.lowpass(hz, SOURCE_RATE_HZ).run(noise);
    const swell = slowNoise(noise.length, SOURCE_RATE_HZ, 9, random);
    const gain = peakPascal * Math.pow(10, (db + random.uniform(-2, 2)) / 20);
    for (let i = 0; i < noise.length; i++) {
      const t = i / SOURCE_RATE_HZ;
      noise[i] *= gain * (1 - Math.exp(-t / 0.004)) * Math.exp(-t / decay) * (1 + 0.35 * swell[i]);
    }
    mix(samples, noise, Math.ceil(front));
  }
  addDebris(samples, peakPascal, random.fork('debris'));
  return { samples, onsetsSeconds: [FRONT_SECONDS] };
}

function addDebris(samples: Float32Array, peakPascal: number, random: Random): void {
  const pieces = random.int(8, 40);
  for (let i = 0; i < pieces; i++) {
    const piece = pinkNoise(samplesOf(random.uniform(0.01, 0.05)), random);
    const decay = piece.length / 4;
    Biquad.bandpass(random.logUniform(500, 5000), SOURCE_RATE_HZ, 1.5).run(piece);
    for (let k = 0; k < piece.length; k++) piece[k] *= Math.exp(-k / decay);
    mix(
      samples,
      piece,
      samplesOf(random.uniform(0.3, 2.5)),
      peakPascal * Math.pow(10, random.uniform(-48, -34) / 20),
    );
  }
}
