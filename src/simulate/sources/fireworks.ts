import { Biquad, mix, whiteNoise } from '../filters.js';
import { pascalOf } from '../level.js';
import type { Random } from '../random.js';
import { addFriedlander } from './blast.js';
import { samplesOf, silence, SOURCE_RATE_HZ, type SourceSound } from './source.js';

export interface FireworksOptions {
  /** Default 8. */
  seconds?: number;
  /** Shells a second at the height of it. Default 1 to 5. */
  rateHz?: number;
  peakDbSpl?: number;
}

/** A show: each shell a thump, a whistle that climbs, a burst and (most of them) a crackle of small pops. */
export function fireworks(random: Random, options: FireworksOptions = {}): SourceSound {
  const seconds = options.seconds ?? 8;
  const samples = silence(seconds);
  const peakDbSpl = options.peakDbSpl ?? random.uniform(138, 148);
  const rateHz = options.rateHz ?? random.uniform(1, 5);
  let at = 0.05;
  while (at < seconds - 0.5) {
    addShell(samples, at, peakDbSpl + random.uniform(-5, 1), random);
    at += random.uniform(0.3, 1.7) / rateHz;
  }
  return { samples, onsetsSeconds: [] };
}

function addShell(samples: Float32Array, atSeconds: number, peakDbSpl: number, random: Random): void {
  const peakPascal = pascalOf(peakDbSpl);
  const lift = random.uniform(0.6, 1.3);
  addFriedlander(samples, samplesOf(atSeconds), peakPascal * 0.07, 6e-3);
  if (random.chance(0.75)) mix(samples, whistle(lift, random), samplesOf(atSeconds), peakPascal * 0.03);
  const burst = samplesOf(atSeconds + lift);
  // Aloft and loosely packed, a shell has no crisp front: a dull thud, weaker than the crackle of its stars is long.
  const thud = new Float32Array(samplesOf(0.06));
  addFriedlander(thud, 8, peakPascal, random.uniform(2e-3, 5e-3));
  Biquad.lowpass(random.uniform(250, 900), SOURCE_RATE_HZ).run(thud);
  mix(samples, thud, burst - 8, 0.7);
  const cloud = whiteNoise(samplesOf(0.6), random);
  Biquad.lowpass(3500, SOURCE_RATE_HZ).run(cloud);
  const decay = samplesOf(random.uniform(0.04, 0.14));
  for (let i = 0; i < cloud.length; i++) cloud[i] *= Math.exp(-i / decay) * (1 - Math.exp(-i / 60));
  mix(samples, cloud, burst, peakPascal * 0.05);
  if (random.chance(0.8))
    addCrackle(samples, burst + samplesOf(random.uniform(0.1, 0.5)), peakPascal, random);
}

function whistle(seconds: number, random: Random): Float32Array {
  const out = silence(seconds);
  const from = random.uniform(900, 1800);
  const to = from * random.uniform(1.3, 2.6);
  const wobbleHz = random.uniform(8, 25);
  let phase = 0;
  for (let i = 0; i < out.length; i++) {
    const x = i / out.length;
    const wobble = 1 + 0.02 * Math.sin((2 * Math.PI * wobbleHz * i) / SOURCE_RATE_HZ);
    phase += (2 * Math.PI * (from + (to - from) * x) * wobble) / SOURCE_RATE_HZ;
    out[i] =
      (Math.sin(phase) + 0.3 * Math.sin(2 * phase) + 0.35 * random.white()) *
      Math.sin(Math.PI * Math.sqrt(x));
  }
  return out;
}

function addCrackle(samples: Float32Array, from: number, peakPascal: number, random: Random): void {
  const pops = random.int(60, 260);
  const spread = samplesOf(random.uniform(0.7, 1.8));
  for (let i = 0; i < pops; i++) {
    const at = from + Math.floor(spread * (random.next() + random.next()) * 0.5);
    addFriedlander(samples, at, peakPascal * random.uniform(0.08, 0.4), random.uniform(60e-6, 200e-6));
  }
}
