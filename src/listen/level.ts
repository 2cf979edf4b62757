import { momentsOf } from '../audio/index.js';

const moments = { sum: 0, squares: 0, peak: 0 };

/** RMS level, dB re a full-scale sine. */
export function levelDbOf(patch: Float32Array): number {
  const { sum, squares } = momentsOf(patch, 0, patch.length, moments);
  const variance = Math.max(0, squares / patch.length - (sum / patch.length) ** 2);
  return 10 * Math.log10(2 * variance + 1e-12);
}
