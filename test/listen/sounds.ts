/** Small seeded sounds for the tests of listening. */
export const RATE = 16_000;

export function random(seed: number): () => number {
  let s = seed >>> 0;
  return () => {
    s = (s + 0x6d2b79f5) >>> 0;
    let t = Math.imul(s ^ (s >>> 15), 1 | s);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function gaussian(seed: number): () => number {
  const next = random(seed);
  return () => Math.sqrt(-2 * Math.log(next() + 1e-12)) * Math.cos(2 * Math.PI * next());
}

export function noise(seconds: number, rms: number, seed = 1, rate = RATE): Float32Array {
  const next = gaussian(seed);
  return Float32Array.from({ length: Math.round(seconds * rate) }, () => rms * next());
}

/**
 * Adds a muzzle blast as the ear of a pole gets it: Friedlander wave, p(1−t/τ)e^(−t/τ), then a decaying diffuse tail.
 * `at` in seconds need not fall on a sample.
 */
export function addShot(sound: Float32Array, at: number, peak: number, seed = 7, tail = 0.06): Float32Array {
  const rate = RATE;
  const tau = 0.002;
  const next = gaussian(seed);
  for (let i = Math.ceil(at * rate); i < sound.length; i++) {
    const t = i / rate - at;
    if (t > 0.6) break;
    sound[i] += peak * (1 - t / tau) * Math.exp(-t / tau);
    if (t > 0.004) sound[i] += tail * peak * Math.exp(-t / 0.12) * next();
  }
  return sound;
}
