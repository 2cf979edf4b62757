/** RMS level, dB re a full-scale sine. */
export function levelDbOf(patch: Float32Array): number {
  let sum = 0;
  let square = 0;
  for (let i = 0; i < patch.length; i++) {
    const x = patch[i];
    sum += x;
    square += x * x;
  }
  const variance = Math.max(0, square / patch.length - (sum / patch.length) ** 2);
  return 10 * Math.log10(2 * variance + 1e-12);
}
