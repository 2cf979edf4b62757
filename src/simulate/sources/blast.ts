import { Biquad, whiteNoise } from '../filters.js';
import { pascalOf } from '../level.js';
import type { Random } from '../random.js';
import { samplesOf, SOURCE_RATE_HZ } from './source.js';

/**
 * Friedlander's wave p(t) = P (1 - t/τ) e^(-t/τ), t >= 0: the front of muzzle blasts and explosions.
 * Each sample holds the mean over its own interval (the antiderivative is P t e^(-t/τ)), so that a front
 * between two samples keeps its impulse whatever τ is. The front lies at sample `frontSample` (fractions count).
 */
export function addFriedlander(
  target: Float32Array,
  frontSample: number,
  peakPascal: number,
  tauSeconds: number,
): void {
  const tau = tauSeconds * SOURCE_RATE_HZ;
  const integral = (t: number) => (t <= 0 ? 0 : t * Math.exp(-t / tau));
  const last = Math.min(target.length, Math.ceil(frontSample + 14 * tau));
  for (let i = Math.max(0, Math.floor(frontSample)); i < last; i++) {
    target[i] += peakPascal * (integral(i + 0.5 - frontSample) - integral(i - 0.5 - frontSample));
  }
}

/**
 * Whitham's N-wave of a supersonic bullet: two fronts `durationSeconds` apart, falling linearly between them.
 * Some 200 µs long for a rifle at 10 to 50 m, so below 8 kHz of bandwidth little of it is left.
 */
export function addNWave(
  target: Float32Array,
  frontSample: number,
  peakPascal: number,
  durationSeconds: number,
): void {
  const n = durationSeconds * SOURCE_RATE_HZ;
  const integral = (t: number) => {
    const x = Math.min(Math.max(t, 0), n);
    return x - (x * x) / n;
  };
  for (let i = Math.max(0, Math.floor(frontSample)); i < Math.min(target.length, frontSample + n + 1); i++) {
    target[i] += peakPascal * (integral(i + 0.5 - frontSample) - integral(i - 0.5 - frontSample));
  }
}

export interface MuzzleBlast {
  peakDbSpl: number;
  /** Positive phase. */
  tauSeconds: number;
  /** Turbulent gas behind the front, relative to the peak. */
  gasDb: number;
  gasSeconds: number;
}

/**
 * One muzzle blast: the Friedlander front, a weaker second pulse (the propellant gas that follows the plug of air
 * in the barrel) and the noise of the jet. About 5 ms of it matter; durations after Maher 2006.
 */
export function addMuzzleBlast(
  target: Float32Array,
  frontSeconds: number,
  blast: MuzzleBlast,
  random: Random,
): void {
  const front = frontSeconds * SOURCE_RATE_HZ;
  const peakPascal = pascalOf(blast.peakDbSpl);
  addFriedlander(target, front, peakPascal, blast.tauSeconds);
  const second = random.uniform(0.6, 1.4) * blast.tauSeconds * SOURCE_RATE_HZ;
  addFriedlander(
    target,
    front + second,
    peakPascal * random.uniform(0.15, 0.35),
    blast.tauSeconds * random.uniform(1, 2),
  );
  const noise = whiteNoise(samplesOf(blast.gasSeconds * 7), random);
  Biquad.lowpass(random.uniform(2500, 5000), SOURCE_RATE_HZ).run(noise);
  Biquad.highpass(150, SOURCE_RATE_HZ).run(noise);
  const gain = peakPascal * Math.pow(10, blast.gasDb / 20);
  const at = Math.ceil(front);
  const decay = blast.gasSeconds * SOURCE_RATE_HZ;
  for (let i = 0; i < noise.length && at + i < target.length; i++) {
    const x = i / decay;
    target[at + i] += gain * noise[i] * (1 - Math.exp(-4 * x)) * Math.exp(-x);
  }
}
