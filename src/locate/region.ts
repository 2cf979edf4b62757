import type { Air } from './air.js';
import type { HeardArrival } from './arrival-store.js';
import { arrivalSigma } from './fit.js';
import { CARRIES_METERS, hearingProbability } from './hearing.js';
import type { Settings } from './options.js';
import type { MappedPole } from './pole-map.js';
import { travelSeconds } from './travel-time.js';

/** Where a source may have been: the middle and spread of all places that explain what was heard and what was not. */
export interface Region {
  east: number;
  north: number;
  /** m²: [ee, en, nn]. */
  covariance: readonly [number, number, number];
  /** Mean emission on the reference's zero, and its variance. */
  emissionSeconds: number;
  emissionVariance: number;
}

const REACH_METERS = 900;
const STEP_METERS = 45;
/** A cell's own width in time, seconds (uniform). */
const CELL_SIGMA_SECONDS = STEP_METERS / 340 / Math.sqrt(12);

/** Squared, in σ: how far the measured directions point past this place; a cell's own width is allowed for. */
function bearingMisfit(members: readonly HeardArrival[], east: number, north: number): number {
  let sum = 0;
  for (const { pole, arrival } of members) {
    const { bearingDegrees, bearingUncertaintyDegrees } = arrival;
    if (bearingDegrees === undefined || bearingUncertaintyDegrees === undefined) continue;
    const dx = east - pole.east;
    const dy = north - pole.north;
    const off = (bearingDegrees * Math.PI) / 180 - Math.atan2(dx, dy);
    const wrapped = Math.atan2(Math.sin(off), Math.cos(off));
    const cell = STEP_METERS / Math.sqrt(12) / Math.max(Math.hypot(dx, dy), STEP_METERS);
    sum += wrapped ** 2 / (((bearingUncertaintyDegrees * Math.PI) / 180) ** 2 + cell ** 2);
  }
  return sum;
}

/** Chance that just these poles hear a blast at a place, summed over how far it may carry. */
function heardSo(
  members: readonly HeardArrival[],
  silent: readonly MappedPole[],
  east: number,
  north: number,
): number {
  let sum = 0;
  for (const carries of CARRIES_METERS) {
    let p = 1;
    for (const { pole } of members) p *= hearingProbability(away(pole, east, north), carries);
    for (const pole of silent) p *= 1 - hearingProbability(away(pole, east, north), carries);
    sum += p;
  }
  return sum;
}

function away(pole: MappedPole, east: number, north: number): number {
  const dx = pole.east - east;
  const dy = pole.north - north;
  return Math.sqrt(dx * dx + dy * dy);
}

/**
 * For too few arrivals to solve: the posterior mean and covariance over a grid round the first pole. Each place is
 * weighed by the times of the arrivals with known clocks (emission fitted), and by which poles heard and which did
 * not, averaged over how far the blast may carry. Always proper: one pole alone gives a circle of its earshot.
 */
export function plausibleRegion(
  members: readonly HeardArrival[],
  silent: readonly MappedPole[],
  referenceNanos: bigint,
  air: Air,
  settings: Settings,
): Region {
  const first = members[0].pole;
  const timed = members
    .filter(({ arrival }) => arrival.clockUncertaintySeconds !== undefined)
    .map((heard) => ({
      pole: heard.pole,
      seconds: Number(heard.timeNanos - referenceNanos) / 1e9,
      weight: 1 / (arrivalSigma(heard, air, settings) ** 2 + CELL_SIGMA_SECONDS ** 2),
    }));
  const { soundSpeed: c, windEast: wx, windNorth: wy } = air;
  const places: Array<{ east: number; north: number; emission: number; log: number }> = [];
  const steps = Math.ceil(REACH_METERS / STEP_METERS);
  let top = -Infinity;
  for (let i = -steps; i <= steps; i++) {
    for (let k = -steps; k <= steps; k++) {
      if (i * i + k * k > steps * steps) continue;
      const east = first.east + i * STEP_METERS;
      const north = first.north + k * STEP_METERS;
      let sum = 0;
      let weights = 0;
      let squares = 0;
      for (const { pole, seconds, weight } of timed) {
        const emission = seconds - travelSeconds(pole.east - east, pole.north - north, c, wx, wy);
        sum += weight * emission;
        squares += weight * emission * emission;
        weights += weight;
      }
      const emission = weights > 0 ? sum / weights : 0;
      const misfit = weights > 0 ? squares - (sum * sum) / weights : 0;
      const hearing = heardSo(members, silent, east, north);
      const log = Math.log(hearing + 1e-300) - misfit / 2 - bearingMisfit(members, east, north) / 2;
      top = Math.max(top, log);
      places.push({ east, north, emission, log });
    }
  }
  let total = 0;
  const mean = [0, 0, 0];
  const second = [0, 0, 0, 0];
  for (const { east, north, emission, log } of places) {
    const w = Math.exp(log - top);
    if (w < 1e-9) continue;
    const e = east - first.east;
    const n = north - first.north;
    total += w;
    mean[0] += w * e;
    mean[1] += w * n;
    mean[2] += w * emission;
    second[0] += w * e * e;
    second[1] += w * e * n;
    second[2] += w * n * n;
    second[3] += w * emission * emission;
  }
  const [e, n, t] = mean.map((value) => value / total);
  const cell = STEP_METERS ** 2 / 12;
  return {
    east: first.east + e,
    north: first.north + n,
    covariance: [
      second[0] / total - e * e + cell,
      second[1] / total - e * n,
      second[2] / total - n * n + cell,
    ],
    emissionSeconds: t,
    emissionVariance: Math.max(second[3] / total - t * t, 0) + CELL_SIGMA_SECONDS ** 2,
  };
}
