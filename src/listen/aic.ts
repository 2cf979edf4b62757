/** Variances below this (full scale 1) count as equal: quantisation, not sound. */
const VARIANCE_FLOOR = 1e-11;
/** Neither side may be shorter than this many samples: a variance of fewer says nothing. */
const SHORTEST_BEFORE = 16;
const SHORTEST_AFTER = 8;

/**
 * Where a stretch of sound changes from background to signal: the split k that minimises Maeda's form of the Akaike
 * information criterion, AIC(k) = k·ln var(x[0..k)) + (n−k)·ln var(x[k..n)), for zero-mean x.
 * Maeda N. (1985), A method for reading and checking phase times in auto-processing system of seismic wave data,
 * Zisin 38, 365–379.
 *
 * `samples` is a ring whose length is a power of two; `from` and `to` are absolute indexes, `to` exclusive, and the
 * window should end near the first peak of the signal. Gives an absolute index; `from` where the window is too short.
 */
export function aicOnset(samples: Float32Array, from: number, to: number): number {
  const mask = samples.length - 1;
  const n = to - from;
  let total = 0;
  for (let i = from; i < to; i++) {
    const x = samples[i & mask];
    total += x * x;
  }
  let before = 0;
  let least = Infinity;
  let onset = from;
  for (let k = 1; k <= n - SHORTEST_AFTER; k++) {
    const x = samples[(from + k - 1) & mask];
    before += x * x;
    if (k < SHORTEST_BEFORE) continue;
    const after = Math.max(0, total - before) / (n - k);
    const aic = k * Math.log(before / k + VARIANCE_FLOOR) + (n - k) * Math.log(after + VARIANCE_FLOOR);
    if (aic < least) {
      least = aic;
      onset = from + k;
    }
  }
  return onset;
}
