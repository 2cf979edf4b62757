/**
 * Cholesky factor L of the symmetric positive definite n×n matrix A (row-major, read only), A = L·Lᵀ, written into `l`
 * (lower triangle; what lies above is left as it was). False where A is not positive definite to working precision.
 */
export function cholesky(a: Float64Array, n: number, l: Float64Array): boolean {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j];
      for (let k = 0; k < j; k++) sum -= l[i * n + k] * l[j * n + k];
      if (i === j) {
        if (!(sum > 1e-13 * Math.abs(a[i * n + i])) || !Number.isFinite(sum)) return false;
        l[i * n + i] = Math.sqrt(sum);
      } else {
        l[i * n + j] = sum / l[j * n + j];
      }
    }
  }
  return true;
}

/** Overwrites `x` (n values) by the solution of L·Lᵀ·x = x. */
export function substitute(l: Float64Array, n: number, x: Float64Array): void {
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i] -= l[i * n + k] * x[k];
    x[i] /= l[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i] -= l[k * n + i] * x[k];
    x[i] /= l[i * n + i];
  }
}

/** Inverse of a symmetric positive definite n×n matrix (row-major), or undefined. */
export function invertSpd(a: Float64Array, n: number): Float64Array | undefined {
  const l = new Float64Array(n * n);
  if (!cholesky(a, n, l)) return undefined;
  const inverse = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    // The rows of the inverse are its columns.
    inverse[i * n + i] = 1;
    substitute(l, n, inverse.subarray(i * n, (i + 1) * n));
  }
  return inverse;
}

/** Eigenvalues (large first) of the symmetric [[a, b], [b, c]] and the direction of the first, radians from the x axis. */
export function eigen2(
  a: number,
  b: number,
  c: number,
): { large: number; small: number; angleRadians: number } {
  const mean = (a + c) / 2;
  const spread = Math.hypot((a - c) / 2, b);
  return { large: mean + spread, small: mean - spread, angleRadians: 0.5 * Math.atan2(2 * b, a - c) };
}
