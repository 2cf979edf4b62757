import type { Air } from './air.js';

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
  /** For searches: the covariance is not worked out and told as infinite. */
  placeOnly?: boolean;
}
