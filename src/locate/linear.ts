/**
 * Solves the symmetric positive definite system A·x = b by Cholesky. `a`: n×n row-major, read only.
 * Returns undefined where A is not positive definite (to working precision).
 */
export function solveSpd(a: readonly number[], b: readonly number[]): number[] | undefined {
  const n = b.length;
  const l = cholesky(a, n);
  return l && substitute(l, b);
}

function substitute(l: Float64Array, b: readonly number[]): number[] {
  const n = b.length;
  const x = b.slice();
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i] -= l[i * n + k] * x[k];
    x[i] /= l[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i] -= l[k * n + i] * x[k];
    x[i] /= l[i * n + i];
  }
  return x;
}

/** Inverse of a symmetric positive definite n×n matrix (row-major), or undefined. */
export function invertSpd(a: readonly number[], n: number): number[] | undefined {
  const l = cholesky(a, n);
  if (!l) return undefined;
  const inverse = new Array<number>(n * n).fill(0);
  for (let column = 0; column < n; column++) {
    const unit = new Array<number>(n).fill(0);
    unit[column] = 1;
    const x = substitute(l, unit);
    for (let row = 0; row < n; row++) inverse[row * n + column] = x[row];
  }
  return inverse;
}

function cholesky(a: readonly number[], n: number): Float64Array | undefined {
  const l = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j];
      for (let k = 0; k < j; k++) sum -= l[i * n + k] * l[j * n + k];
      if (i === j) {
        if (!(sum > 1e-13 * Math.abs(a[i * n + i])) || !Number.isFinite(sum)) return undefined;
        l[i * n + i] = Math.sqrt(sum);
      } else {
        l[i * n + j] = sum / l[j * n + j];
      }
    }
  }
  return l;
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
