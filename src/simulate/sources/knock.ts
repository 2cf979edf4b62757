import { Biquad, whiteNoise } from '../filters.js';
import type { Random } from '../random.js';
import { samplesOf, SOURCE_RATE_HZ } from './source.js';

export interface KnockOptions {
  /** Resonances of the thing that is struck; each is detuned a little at every stroke. */
  modesHz: readonly number[];
  decaySeconds: number;
  /** Where the noise of the contact ends. */
  brightHz: number;
  /** Noise of the contact relative to the modes. */
  noise: number;
}

/** One blow on a resonating thing: a few damped modes (higher ones die sooner) and a burst of noise. */
export function knock(random: Random, options: KnockOptions): Float32Array {
  const out = new Float32Array(samplesOf(options.decaySeconds * 8));
  const lowest = Math.min(...options.modesHz);
  for (const mode of options.modesHz) {
    const hz = mode * random.uniform(0.985, 1.015);
    const decay = options.decaySeconds * Math.pow(lowest / hz, 0.3) * SOURCE_RATE_HZ;
    const gain = random.uniform(0.4, 1) * Math.pow(lowest / hz, 0.25);
    const phase = random.uniform(0, 6.28);
    const w = (2 * Math.PI * hz) / SOURCE_RATE_HZ;
    for (let i = 0; i < out.length; i++) {
      out[i] += gain * Math.exp(-i / decay) * (1 - Math.exp(-i / 20)) * Math.sin(w * i + phase);
    }
  }
  const contact = whiteNoise(out.length, random);
  Biquad.lowpass(options.brightHz, SOURCE_RATE_HZ).run(contact);
  const decay = options.decaySeconds * 0.3 * SOURCE_RATE_HZ;
  for (let i = 0; i < out.length; i++) out[i] += options.noise * contact[i] * Math.exp(-i / decay);
  return out;
}
