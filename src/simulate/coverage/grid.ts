import type { Pole, Site } from '../../config/index.js';
import {
  airFrom,
  ellipseOf,
  LocalPlane,
  PROPAGATION_SPREAD_SECONDS,
  type Weather,
} from '../../locate/index.js';
import { absorptionDbPerMeter } from '../absorption.js';
import { placeCovariance, type Sighting } from './bound.js';

export interface CoverageOptions {
  /** Peak level of the source at 1 m, dB SPL. */
  levelDbSpl: number;
  /** Mean level of the town at the poles. Default 55. */
  backgroundDbSpl?: number;
  weather?: Weather;
  /** 1σ of what bent paths add to an arrival. Default: as the locator supposes. */
  propagationSpreadSeconds?: number;
  /** 1σ of the poles' clocks. Default 1 ms. */
  clockUncertaintySeconds?: number;
  /** Default: a hundredth of the larger side, 5 m at least. */
  cellMeters?: number;
  /** Round the poles. Default 300 m. */
  marginMeters?: number;
}

export interface CoverageCell {
  eastMeters: number;
  northMeters: number;
  polesHear: number;
  /** 95 % semi-major axis; absent where fewer than four poles hear it or their geometry cannot tell. */
  errorMeters?: number;
}

export interface Coverage {
  options: Required<Omit<CoverageOptions, 'weather'>> & { weather: Weather };
  plane: LocalPlane;
  cellMeters: number;
  columns: number;
  rows: number;
  /** South-west corner. */
  west: number;
  south: number;
  /** Row by row from the south, each from the west. */
  cells: readonly CoverageCell[];
  poles: readonly { pole: string; east: number; north: number }[];
}

/** A blast is picked where its peak stands this far above the background's mean. */
const PICK_MARGIN_DB = 12;
/** Three arrivals always fit; only a fourth checks them. */
const FEWEST_POLES = 4;
const DIVISIONS = 100;
const SMALLEST_CELL_METERS = 5;
/** What carries a blast far: below, it is masked by traffic, above, absorbed. */
const BLAST_HZ = 700;
/**
 * Buildings: live fire of 156 dB was received at 64 to 800 m with a median of 78 dB, some 25 dB under free field.
 */
const BUILDINGS_DB_PER_METER = 0.1;
const BUILDINGS_MOST_DB = 26;

/** Peak level of a blast at `meters`: 1/r, the air, and what the buildings of a town take away on average. */
export function receivedLevelDb(levelDbSpl: number, meters: number, weather: Weather): number {
  const r = Math.max(1, meters);
  const air = absorptionDbPerMeter(BLAST_HZ, weather.temperatureC ?? 15, weather.relativeHumidity ?? 60) * r;
  return levelDbSpl - 20 * Math.log10(r) - air - Math.min(BUILDINGS_MOST_DB, BUILDINGS_DB_PER_METER * r);
}

/** For each cell of a grid over the site: how many poles hear the source there, and how well it can be placed. */
export function computeCoverage(site: Site, given: CoverageOptions): Coverage {
  const recorded = site.poles.filter((pole) => pole.recorded);
  const plane = LocalPlane.around(recorded.map(({ position }) => position));
  const poles = recorded.map((pole) => {
    const [east, north] = plane.toPlane(pole.position);
    return { pole: pole.pole, east, north, detail: pole };
  });
  const marginMeters = given.marginMeters ?? 300;
  const west = Math.min(...poles.map(({ east }) => east)) - marginMeters;
  const south = Math.min(...poles.map(({ north }) => north)) - marginMeters;
  const width = Math.max(...poles.map(({ east }) => east)) + marginMeters - west;
  const height = Math.max(...poles.map(({ north }) => north)) + marginMeters - south;
  const cellMeters = given.cellMeters ?? Math.max(SMALLEST_CELL_METERS, Math.max(width, height) / DIVISIONS);
  const options = {
    levelDbSpl: given.levelDbSpl,
    backgroundDbSpl: given.backgroundDbSpl ?? 55,
    weather: given.weather ?? {},
    propagationSpreadSeconds: given.propagationSpreadSeconds ?? PROPAGATION_SPREAD_SECONDS,
    clockUncertaintySeconds: given.clockUncertaintySeconds ?? 0.001,
    cellMeters,
    marginMeters,
  };
  const columns = Math.ceil(width / cellMeters);
  const rows = Math.ceil(height / cellMeters);
  const cells: CoverageCell[] = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      cells.push(
        cellAt(west + (column + 0.5) * cellMeters, south + (row + 0.5) * cellMeters, poles, options),
      );
    }
  }
  return { options, plane, cellMeters, columns, rows, west, south, cells, poles };
}

function cellAt(
  eastMeters: number,
  northMeters: number,
  poles: readonly { east: number; north: number; detail: Pole }[],
  options: Coverage['options'],
): CoverageCell {
  const { soundSpeed } = airFrom(options.weather);
  const heard: Sighting[] = [];
  for (const { east, north, detail } of poles) {
    const meters = Math.hypot(eastMeters - east, northMeters - north);
    const level = receivedLevelDb(options.levelDbSpl, meters, options.weather);
    if (level < options.backgroundDbSpl + PICK_MARGIN_DB) continue;
    const sigmaSeconds = Math.hypot(
      options.propagationSpreadSeconds,
      options.clockUncertaintySeconds,
      detail.positionUncertaintyMeters / soundSpeed,
    );
    heard.push({ east: eastMeters - east, north: northMeters - north, sigmaSeconds });
  }
  const cell = { eastMeters, northMeters, polesHear: heard.length };
  const covariance = heard.length >= FEWEST_POLES ? placeCovariance(heard, soundSpeed) : undefined;
  return covariance ? { ...cell, errorMeters: ellipseOf(covariance, 0).semiMajorMeters } : cell;
}
