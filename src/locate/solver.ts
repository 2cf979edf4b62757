import type { Air } from './air.js';
import { cholesky, invertSpd, substitute } from './linear.js';
import { GLOBALS, NormalEquations } from './normal-equations.js';
import type { Bearing, SolverInput, TimedArrival } from './solver-input.js';
import { travelSeconds } from './travel-time.js';

export type { Bearing, SolverInput, TimedArrival };

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

const MAX_STEPS = 25;
const DEFAULT_TOLERANCE_METERS = 1e-3;
/** After a step as short as this the next may be Newton's. */
const NEAR_METERS = 20;

// Working memory of `solve`, which calls nobody that calls it again.
const state = new Float64Array(GLOBALS);
const next = new Float64Array(GLOBALS);
const damped = new Float64Array(GLOBALS * GLOBALS);
const factor = new Float64Array(GLOBALS * GLOBALS);
const delta = new Float64Array(GLOBALS);
let emissions = new Float64Array(4);
let nextEmissions = new Float64Array(4);
let now = new NormalEquations();
let trial = new NormalEquations();

/**
 * Least squares on time residuals for one place, an emission time per shot, and the air as parameters held by their
 * priors (so unknown weather widens the answer as it should). Levenberg–Marquardt with analytic derivatives, soft-L1
 * loss on times; 2-D because height cannot be told from poles of one height.
 */
export function solve(input: SolverInput): Solution {
  const { air, shots } = input;
  settle(input);
  const { cost } = now;
  now.build(input, state, emissions, 'squares');
  const { normal, coupling, shotWeight } = now;
  const spread = input.placeOnly ? undefined : invertSpd(normal, GLOBALS);
  let emissionVariance = Infinity;
  if (spread && shots > 0) {
    emissionVariance = 1 / shotWeight[0];
    for (let i = 0; i < GLOBALS; i++) {
      for (let j = 0; j < GLOBALS; j++)
        emissionVariance += (coupling[i] * spread[i * GLOBALS + j] * coupling[j]) / shotWeight[0] ** 2;
    }
  }
  return {
    east: state[0],
    north: state[1],
    air: { ...air, soundSpeed: state[2], windEast: state[3], windNorth: state[4] },
    emissionSeconds: Array.from(emissions.subarray(0, shots)),
    residualSeconds: Array.from(now.residuals.subarray(0, input.arrivals.length)),
    cost,
    covariance: spread ? [spread[0], spread[1], spread[GLOBALS + 1]] : [Infinity, 0, Infinity],
    emissionVariance,
    conditionNumber: condition(normal),
  };
}

/** Levenberg–Marquardt from the input's start; leaves the answer in `state`, `emissions` and `now`. */
function settle(input: SolverInput): void {
  const { air, shots, toleranceMeters: tolerance = DEFAULT_TOLERANCE_METERS } = input;
  state[0] = input.start[0];
  state[1] = input.start[1];
  state[2] = air.soundSpeed;
  state[3] = air.windEast;
  state[4] = air.windNorth;
  startEmissions(input);
  now.build(input, state, emissions, 'reweighted');
  let damping = 1e-3;
  for (let step = 0; step < MAX_STEPS; step++) {
    damped.set(now.normal);
    for (let i = 0; i < GLOBALS; i++) damped[i * GLOBALS + i] *= 1 + damping;
    if (!cholesky(damped, GLOBALS, factor)) {
      damping *= 10;
      if (damping > 1e8) break;
      continue;
    }
    delta.set(now.gradient);
    substitute(factor, GLOBALS, delta);
    for (let i = 0; i < GLOBALS; i++) next[i] = state[i] + delta[i];
    bound(next, input);
    for (let i = 0; i < GLOBALS; i++) delta[i] = next[i] - state[i];
    for (let s = 0; s < shots; s++) {
      let coupled = now.shotGradient[s];
      for (let i = 0; i < GLOBALS; i++) coupled -= now.coupling[s * GLOBALS + i] * delta[i];
      nextEmissions[s] = emissions[s] + coupled / now.shotWeight[s];
    }
    const squared = delta[0] * delta[0] + delta[1] * delta[1];
    trial.build(input, next, nextEmissions, squared < NEAR_METERS * NEAR_METERS ? 'newton' : 'reweighted');
    if (trial.cost <= now.cost) {
      state.set(next);
      [emissions, nextEmissions] = [nextEmissions, emissions];
      [now, trial] = [trial, now];
      if (squared < tolerance * tolerance) break;
      damping = Math.max(damping / 5, 1e-9);
    } else {
      damping *= 6;
      if (damping > 1e8) break;
    }
  }
}

function startEmissions({ arrivals, shots }: SolverInput): void {
  if (shots > emissions.length) {
    emissions = new Float64Array(2 * shots);
    nextEmissions = new Float64Array(2 * shots);
  }
  const [x, y, c, wx, wy] = state;
  // `nextEmissions` holds the weights until the first step.
  emissions.fill(0);
  nextEmissions.fill(0);
  for (const { east, north, seconds, sigmaSeconds, shot } of arrivals) {
    const w = 1 / (sigmaSeconds * sigmaSeconds);
    emissions[shot] += w * (seconds - travelSeconds(east - x, north - y, c, wx, wy));
    nextEmissions[shot] += w;
  }
  for (let s = 0; s < shots; s++) if (nextEmissions[s] > 0) emissions[s] /= nextEmissions[s];
}

/** Keeps a state (overwritten) within its bounds. */
function bound(values: Float64Array, { bounds, air }: SolverInput): void {
  const dx = values[0] - bounds.east;
  const dy = values[1] - bounds.north;
  const distance = Math.sqrt(dx * dx + dy * dy);
  if (distance > bounds.radiusMeters) {
    values[0] = bounds.east + (dx / distance) * bounds.radiusMeters;
    values[1] = bounds.north + (dy / distance) * bounds.radiusMeters;
  }
  // Air stays air: within five sigma of its prior, and far slower than sound.
  values[2] = clamp(values[2], air.soundSpeed, 5 * air.soundSpeedSigma);
  values[3] = clamp(values[3], air.windEast, 5 * air.windSigma);
  values[4] = clamp(values[4], air.windNorth, 5 * air.windSigma);
}

function clamp(value: number, middle: number, reach: number): number {
  return Math.min(Math.max(value, middle - reach), middle + reach);
}

function condition(normal: Float64Array): number {
  const a = normal[0];
  const b = normal[1];
  const c = normal[GLOBALS + 1];
  const mean = (a + c) / 2;
  const spread = Math.hypot((a - c) / 2, b);
  const small = mean - spread;
  return small > 1e-12 * mean ? Math.sqrt((mean + spread) / small) : Infinity;
}
