import type { Air } from './air.js';
import { invertSpd, solveSpd } from './linear.js';
import { travelTime } from './travel-time.js';

/** One arrival at one pole, in the site's plane. */
export interface TimedArrival {
  /** The pole, metres. */
  east: number;
  north: number;
  /** Of the onset, on any common zero. */
  seconds: number;
  /** 1σ of everything that is this arrival's own: clock, onset, position, bending of sound. */
  sigmaSeconds: number;
  /** Which emission it belongs to: 0 to shots − 1. All have one place. */
  shot: number;
}

/** A direction measured at one pole. */
export interface Bearing {
  east: number;
  north: number;
  /** Clockwise from north. */
  bearingRadians: number;
  sigmaRadians: number;
}

export interface SolverInput {
  arrivals: readonly TimedArrival[];
  shots: number;
  bearings?: readonly Bearing[];
  air: Air;
  start: readonly [number, number];
  /** The source is sought within this circle. */
  bounds: { east: number; north: number; radiusMeters: number };
  /** Stops once a step is shorter than this; a millimetre where absent. */
  toleranceMeters?: number;
}

export interface Solution {
  east: number;
  north: number;
  /** The air as fitted: its prior, moved by what the arrivals say. */
  air: Air;
  /** Emission of each shot, on the arrivals' zero. */
  emissionSeconds: number[];
  /** Measured minus predicted, in the order of the arrivals. */
  residualSeconds: number[];
  /** Robust cost in units of σ². */
  cost: number;
  /** Of (east, north), m²: [ee, en, nn]. Infinite where the geometry says nothing. */
  covariance: readonly [number, number, number];
  /** Of the first emission, seconds². */
  emissionVariance: number;
  /** Largest over smallest singular value of the directions to the poles, emission taken out. */
  conditionNumber: number;
}

/** Scale of the soft-L1 loss over an arrival's σ: 13 ms at the usual spread. Bent paths are normal, so it is mild. */
const LOSS_PER_SIGMA = 1;
const MAX_STEPS = 25;
const DEFAULT_TOLERANCE_METERS = 1e-3;
const GLOBALS = 5;

interface Linearised {
  cost: number;
  residuals: number[];
  /** 5×5 normal matrix and gradient of (east, north, c, wind east, wind north), emissions eliminated. */
  normal: number[];
  gradient: number[];
  /** For the back substitution of the emissions: their weights, gradients and couplings (5 each). */
  shotWeight: number[];
  shotGradient: number[];
  coupling: number[];
}

/**
 * Least squares on time residuals for one place, an emission time per shot, and the air as parameters held by their
 * priors (so unknown weather widens the answer as it should). Levenberg–Marquardt with analytic derivatives, soft-L1
 * loss on times; 2-D because height cannot be told from poles of one height.
 */
export function solve(input: SolverInput): Solution {
  const { air, shots, toleranceMeters: tolerance = DEFAULT_TOLERANCE_METERS } = input;
  let state = [input.start[0], input.start[1], air.soundSpeed, air.windEast, air.windNorth];
  let emissions = startEmissions(input, state);
  let now = linearise(input, state, emissions, true);
  let damping = 1e-3;
  for (let step = 0; step < MAX_STEPS; step++) {
    const damped = now.normal.slice();
    for (let i = 0; i < GLOBALS; i++) damped[i * GLOBALS + i] *= 1 + damping;
    const delta = solveSpd(damped, now.gradient);
    if (!delta) {
      damping *= 10;
      if (damping > 1e8) break;
      continue;
    }
    const next = bound(
      state.map((value, i) => value + delta[i]),
      input,
    );
    const moved = next.map((value, i) => value - state[i]);
    const nextEmissions = emissions.map((t, s) => {
      let coupled = now.shotGradient[s];
      for (let i = 0; i < GLOBALS; i++) coupled -= now.coupling[s * GLOBALS + i] * moved[i];
      return t + coupled / now.shotWeight[s];
    });
    const trial = linearise(input, next, nextEmissions, true);
    if (trial.cost <= now.cost) {
      const settled = Math.hypot(moved[0], moved[1]) < tolerance;
      state = next;
      emissions = nextEmissions;
      now = trial;
      damping = Math.max(damping / 5, 1e-9);
      if (settled) break;
    } else {
      damping *= 6;
      if (damping > 1e8) break;
    }
  }
  const plain = linearise(input, state, emissions, false);
  const spread = invertSpd(plain.normal, GLOBALS);
  let emissionVariance = Infinity;
  if (spread && shots > 0) {
    const link = plain.coupling.slice(0, GLOBALS).map((value) => value / plain.shotWeight[0]);
    emissionVariance = 1 / plain.shotWeight[0];
    for (let i = 0; i < GLOBALS; i++) {
      for (let j = 0; j < GLOBALS; j++) emissionVariance += link[i] * spread[i * GLOBALS + j] * link[j];
    }
  }
  return {
    east: state[0],
    north: state[1],
    air: { ...air, soundSpeed: state[2], windEast: state[3], windNorth: state[4] },
    emissionSeconds: emissions,
    residualSeconds: plain.residuals,
    cost: now.cost,
    covariance: spread ? [spread[0], spread[1], spread[GLOBALS + 1]] : [Infinity, 0, Infinity],
    emissionVariance,
    conditionNumber: condition(plain.normal),
  };
}

function startEmissions({ arrivals, shots }: SolverInput, state: readonly number[]): number[] {
  const sums = new Array<number>(shots).fill(0);
  const weights = new Array<number>(shots).fill(0);
  for (const a of arrivals) {
    const w = 1 / a.sigmaSeconds ** 2;
    sums[a.shot] +=
      w *
      (a.seconds - travelTime(a.east - state[0], a.north - state[1], state[2], state[3], state[4]).seconds);
    weights[a.shot] += w;
  }
  return sums.map((sum, s) => (weights[s] > 0 ? sum / weights[s] : 0));
}

function bound(state: number[], { bounds, air }: SolverInput): number[] {
  const dx = state[0] - bounds.east;
  const dy = state[1] - bounds.north;
  const distance = Math.hypot(dx, dy);
  if (distance > bounds.radiusMeters) {
    state[0] = bounds.east + (dx / distance) * bounds.radiusMeters;
    state[1] = bounds.north + (dy / distance) * bounds.radiusMeters;
  }
  // Air stays air: within five sigma of its prior, and far slower than sound.
  const clamp = (value: number, middle: number, reach: number) =>
    Math.min(Math.max(value, middle - reach), middle + reach);
  state[2] = clamp(state[2], air.soundSpeed, 5 * air.soundSpeedSigma);
  state[3] = clamp(state[3], air.windEast, 5 * air.windSigma);
  state[4] = clamp(state[4], air.windNorth, 5 * air.windSigma);
  return state;
}

function linearise(
  input: SolverInput,
  state: readonly number[],
  emissions: readonly number[],
  robust: boolean,
): Linearised {
  const { arrivals, shots, air } = input;
  const [x, y, c, wx, wy] = state;
  const normal = new Array<number>(GLOBALS * GLOBALS).fill(0);
  const gradient = new Array<number>(GLOBALS).fill(0);
  const shotWeight = new Array<number>(shots).fill(0);
  const shotGradient = new Array<number>(shots).fill(0);
  const coupling = new Array<number>(shots * GLOBALS).fill(0);
  const residuals = new Array<number>(arrivals.length);
  const j = [0, 0, 0, 0, 0];
  let cost = 0;
  for (let n = 0; n < arrivals.length; n++) {
    const a = arrivals[n];
    const travel = travelTime(a.east - x, a.north - y, c, wx, wy);
    const residual = a.seconds - emissions[a.shot] - travel.seconds;
    residuals[n] = residual;
    let w = 1 / (a.sigmaSeconds * a.sigmaSeconds);
    if (robust) {
      const scale = LOSS_PER_SIGMA * a.sigmaSeconds;
      const root = Math.sqrt(1 + (residual / scale) ** 2);
      cost += 2 * w * scale * scale * (root - 1);
      w /= root;
    } else {
      cost += w * residual * residual;
    }
    j[0] = travel.bySourceEast;
    j[1] = travel.bySourceNorth;
    j[2] = travel.bySoundSpeed;
    j[3] = travel.byWindEast;
    j[4] = travel.byWindNorth;
    addRow(normal, gradient, j, residual, w);
    shotWeight[a.shot] += w;
    shotGradient[a.shot] += w * residual;
    for (let i = 0; i < GLOBALS; i++) coupling[a.shot * GLOBALS + i] += w * j[i];
  }
  for (const b of input.bearings ?? []) {
    const dx = x - b.east;
    const dy = y - b.north;
    const squared = Math.max(dx * dx + dy * dy, 1);
    const off = b.bearingRadians - Math.atan2(dx, dy);
    const residual = Math.atan2(Math.sin(off), Math.cos(off));
    const w = 1 / b.sigmaRadians ** 2;
    cost += w * residual * residual;
    addRow(normal, gradient, [dy / squared, -dx / squared, 0, 0, 0], residual, w);
  }
  const priors = [air.soundSpeed - c, air.windEast - wx, air.windNorth - wy];
  const sigmas = [air.soundSpeedSigma, air.windSigma, air.windSigma];
  for (let i = 0; i < 3; i++) {
    const w = 1 / Math.max(sigmas[i], 1e-6) ** 2;
    cost += w * priors[i] ** 2;
    normal[(i + 2) * GLOBALS + i + 2] += w;
    gradient[i + 2] += w * priors[i];
  }
  for (let s = 0; s < shots; s++) {
    if (shotWeight[s] === 0) continue;
    for (let i = 0; i < GLOBALS; i++) {
      const ci = coupling[s * GLOBALS + i] / shotWeight[s];
      gradient[i] -= ci * shotGradient[s];
      for (let k = 0; k < GLOBALS; k++) normal[i * GLOBALS + k] -= ci * coupling[s * GLOBALS + k];
    }
  }
  return { cost, residuals, normal, gradient, shotWeight, shotGradient, coupling };
}

function addRow(
  normal: number[],
  gradient: number[],
  j: readonly number[],
  residual: number,
  w: number,
): void {
  for (let i = 0; i < GLOBALS; i++) {
    const wi = w * j[i];
    gradient[i] += wi * residual;
    for (let k = 0; k < GLOBALS; k++) normal[i * GLOBALS + k] += wi * j[k];
  }
}

function condition(normal: readonly number[]): number {
  const a = normal[0];
  const b = normal[1];
  const c = normal[GLOBALS + 1];
  const mean = (a + c) / 2;
  const spread = Math.hypot((a - c) / 2, b);
  const small = mean - spread;
  return small > 1e-12 * mean ? Math.sqrt((mean + spread) / small) : Infinity;
}
