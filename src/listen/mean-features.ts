import type { SpectralFeatures } from './detection.js';

/** Feature by feature, over those sets that have it. */
export function meanFeatures(sets: readonly SpectralFeatures[]): SpectralFeatures {
  const names = [...new Set(sets.flatMap((set) => Object.keys(set)))];
  return Object.fromEntries(
    names.map((name) => {
      const values = sets.filter((set) => name in set).map((set) => set[name]);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return [name, Number(mean.toPrecision(4))];
    }),
  );
}
