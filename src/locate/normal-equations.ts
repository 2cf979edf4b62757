import type { SolverInput } from './solver-input.js';

/** Place (east, north), speed of sound, wind (east, north). */
export const GLOBALS = 5;
/** Scale of the soft-L1 loss over an arrival's σ: 8 ms at the usual spread. Bent paths are normal, so it is mild. */
const LOSS_PER_SIGMA = 1;
/** Within this distance directions mean nothing; keeps the derivatives finite on top of a pole. */
const NEAREST_METERS = 0.1;

/**
 * Least squares; or soft-L1, ρ = 2σ²(√(1+r²/σ²) − 1), whose gradient weight is (1+r²/σ²)^(−1/2). In the matrix the same
 * weight is safe from anywhere (iteratively reweighted least squares), while the exact second derivative, the power
 * −3/2, converges as Newton's steps do but only near the answer (Triggs et al. 2000, §4.3).
 */
export type Loss = 'squares' | 'reweighted' | 'newton';

/**
 * Normal equations of the time residuals about one state, the emissions eliminated (Schur complement). All arrays belong
 * to the object and are overwritten by the next `build`: a search linearises tens of thousands of times.
 */
export class NormalEquations {
  /** Robust cost in units of σ²; the plain sum of squares where not robust. */
  cost = 0;
  /** 5×5, row-major, of (east, north, c, wind east, wind north). */
  readonly normal = new Float64Array(GLOBALS * GLOBALS);
  readonly gradient = new Float64Array(GLOBALS);
  /** For the back substitution of the emissions: their weights, gradients and couplings (5 each). */
  shotWeight = new Float64Array(4);
  shotGradient = new Float64Array(4);
  coupling = new Float64Array(4 * GLOBALS);
  /** Measured minus predicted, in the order of the arrivals. */
  residuals = new Float64Array(32);

  /**
   * `state`: the five globals; `emissions`: seconds a shot. Travel times and their derivatives are those of `travelTime`,
   * written out.
   */
  build(input: SolverInput, state: Float64Array, emissions: Float64Array, loss: Loss): void {
    const { arrivals, shots, air } = input;
    this.#grow(shots, arrivals.length);
    const { normal, gradient, shotWeight, shotGradient, coupling, residuals } = this;
    const [x, y, c, wx, wy] = state;
    const calm = c * c - wx * wx - wy * wy;
    let cost = 0;
    for (let n = 0; n < arrivals.length; n++) {
      const { east, north, seconds, sigmaSeconds, shot } = arrivals[n];
      const dx = east - x;
      const dy = north - y;
      const along = wx * dx + wy * dy;
      const squared = Math.max(dx * dx + dy * dy, NEAREST_METERS * NEAREST_METERS);
      const root = Math.sqrt(along * along + calm * squared);
      const travel = (root - along) / calm;
      const restEast = (dx - wx * travel) / root;
      const restNorth = (dy - wy * travel) / root;
      const bySpeed = (-c * travel * travel) / root;
      const byWindEast = -travel * restEast;
      const byWindNorth = -travel * restNorth;
      const residual = seconds - emissions[shot] - travel;
      residuals[n] = residual;
      const w = 1 / (sigmaSeconds * sigmaSeconds);
      let pull = w * residual;
      let stiff = w;
      if (loss !== 'squares') {
        const scale = LOSS_PER_SIGMA * sigmaSeconds;
        const off = residual / scale;
        const bend = Math.sqrt(1 + off * off);
        cost += 2 * w * scale * scale * (bend - 1);
        pull /= bend;
        stiff /= loss === 'newton' ? bend * bend * bend : bend;
      } else {
        cost += pull * residual;
      }
      this.#addRow(-restEast, -restNorth, bySpeed, byWindEast, byWindNorth, pull, stiff);
      shotWeight[shot] += stiff;
      shotGradient[shot] += pull;
      const at = shot * GLOBALS;
      coupling[at] -= stiff * restEast;
      coupling[at + 1] -= stiff * restNorth;
      coupling[at + 2] += stiff * bySpeed;
      coupling[at + 3] += stiff * byWindEast;
      coupling[at + 4] += stiff * byWindNorth;
    }
    for (const b of input.bearings ?? []) {
      const dx = x - b.east;
      const dy = y - b.north;
      const squared = Math.max(dx * dx + dy * dy, 1);
      const off = b.bearingRadians - Math.atan2(dx, dy);
      const residual = Math.atan2(Math.sin(off), Math.cos(off));
      const w = 1 / (b.sigmaRadians * b.sigmaRadians);
      cost += w * residual * residual;
      this.#addRow(dy / squared, -dx / squared, 0, 0, 0, w * residual, w);
    }
    const speedWeight = 1 / Math.max(air.soundSpeedSigma, 1e-6) ** 2;
    const windWeight = 1 / Math.max(air.windSigma, 1e-6) ** 2;
    cost += this.#hold(2, air.soundSpeed - c, speedWeight);
    cost += this.#hold(3, air.windEast - wx, windWeight);
    cost += this.#hold(4, air.windNorth - wy, windWeight);
    for (let s = 0; s < shots; s++) {
      if (shotWeight[s] === 0) continue;
      for (let i = 0; i < GLOBALS; i++) {
        const share = coupling[s * GLOBALS + i] / shotWeight[s];
        gradient[i] -= share * shotGradient[s];
        for (let k = 0; k <= i; k++) normal[i * GLOBALS + k] -= share * coupling[s * GLOBALS + k];
      }
    }
    for (let i = 0; i < GLOBALS; i++) {
      for (let k = 0; k < i; k++) normal[k * GLOBALS + i] = normal[i * GLOBALS + k];
    }
    this.cost = cost;
  }

  /** Lower triangle only. */
  #addRow(a: number, b: number, c: number, d: number, e: number, pull: number, stiff: number): void {
    const { normal, gradient } = this;
    gradient[0] += a * pull;
    gradient[1] += b * pull;
    gradient[2] += c * pull;
    gradient[3] += d * pull;
    gradient[4] += e * pull;
    normal[0] += stiff * a * a;
    const wb = stiff * b;
    normal[5] += wb * a;
    normal[6] += wb * b;
    const wc = stiff * c;
    normal[10] += wc * a;
    normal[11] += wc * b;
    normal[12] += wc * c;
    const wd = stiff * d;
    normal[15] += wd * a;
    normal[16] += wd * b;
    normal[17] += wd * c;
    normal[18] += wd * d;
    const we = stiff * e;
    normal[20] += we * a;
    normal[21] += we * b;
    normal[22] += we * c;
    normal[23] += we * d;
    normal[24] += we * e;
  }

  /** A prior on one global; returns its cost. */
  #hold(at: number, off: number, w: number): number {
    this.normal[at * GLOBALS + at] += w;
    this.gradient[at] += w * off;
    return w * off * off;
  }

  #grow(shots: number, arrivals: number): void {
    if (shots > this.shotWeight.length) {
      this.shotWeight = new Float64Array(2 * shots);
      this.shotGradient = new Float64Array(2 * shots);
      this.coupling = new Float64Array(2 * shots * GLOBALS);
    }
    if (arrivals > this.residuals.length) this.residuals = new Float64Array(2 * arrivals);
    this.normal.fill(0);
    this.gradient.fill(0);
    this.shotWeight.fill(0, 0, shots);
    this.shotGradient.fill(0, 0, shots);
    this.coupling.fill(0, 0, shots * GLOBALS);
  }
}
