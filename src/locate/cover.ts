import { CHI_SQUARED_95 } from './uncertainty.js';

const STEPS = 40;

/**
 * The smallest covariance (m², [ee, en, nn]) whose 95 % ellipse, round zero, holds all `offsets` ([east, north], metres):
 * the minimum-volume ellipse of a fixed centre. Method: D-optimal design by multiplicative steps (Titterington 1978),
 * then grown until the last offset lies on its rim. Offsets on one line give an ellipse without width.
 */
export function covering(offsets: ReadonlyArray<readonly [number, number]>): [number, number, number] {
  const weights = new Float64Array(offsets.length).fill(1 / offsets.length);
  let moments: [number, number, number] = [0, 0, 0];
  let largest = 0;
  for (let step = 0; step < STEPS; step++) {
    moments = [0, 0, 0];
    offsets.forEach(([e, n], i) => {
      moments[0] += weights[i] * e * e;
      moments[1] += weights[i] * e * n;
      moments[2] += weights[i] * n * n;
    });
    // A centimetre of width keeps a line invertible.
    moments[0] += 1e-4;
    moments[2] += 1e-4;
    const [ee, en, nn] = moments;
    const determinant = ee * nn - en * en;
    largest = 0;
    let sum = 0;
    offsets.forEach(([e, n], i) => {
      const far = (nn * e * e - 2 * en * e * n + ee * n * n) / determinant;
      largest = Math.max(largest, far);
      weights[i] *= far;
      sum += weights[i];
    });
    if (!(sum > 0)) break;
    for (let i = 0; i < weights.length; i++) weights[i] /= sum;
  }
  const scale = largest / CHI_SQUARED_95;
  return [moments[0] * scale, moments[1] * scale, moments[2] * scale];
}

/** Points on the rim of the ellipse of a covariance at so many σ: the ends of its axes, and `between` each two of them. */
export function rim(
  [ee, en, nn]: readonly [number, number, number],
  sigmas: number,
  points: number,
): Array<[number, number]> {
  // Any square root of the covariance maps a circle on it; Cholesky's is the shortest.
  const a = Math.sqrt(Math.max(ee, 0));
  const b = a > 0 ? en / a : 0;
  const c = Math.sqrt(Math.max(nn - b * b, 0));
  return Array.from({ length: points }, (_, i) => {
    const x = sigmas * Math.cos((2 * Math.PI * i) / points);
    const y = sigmas * Math.sin((2 * Math.PI * i) / points);
    return [a * x, b * x + c * y];
  });
}
