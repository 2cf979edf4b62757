import type { Air } from './air.js';
import type { HeardArrival } from './arrival-store.js';
import { covering, rim } from './cover.js';
import type { ErrorEllipse, Method } from './incident.js';
import type { ImpulseIncident } from './impulse.js';
import type { Settings } from './options.js';
import type { MappedPole } from './pole-map.js';
import { plausibleRegion } from './region.js';
import type { Solution } from './solver.js';
import { isCredible, isFaint, spots } from './credible.js';
import { otherPlaces } from './integrity.js';
import { CHI_SQUARED_95, ellipseOf, insideHull } from './uncertainty.js';

/** Where an incident was, as far as its arrivals allow to say. */
export interface Placement {
  method: Method;
  /** The solver's place stands: `multilateration`. */
  located: boolean;
  /** Times are emissions at the point; else the first arrivals. */
  emitted: boolean;
  /** [east, north] metres. */
  point?: readonly [number, number];
  ellipse: ErrorEllipse;
  insideHull: boolean;
  conditionNumber: number;
  residuals: ReadonlyMap<HeardArrival, number>;
  /** Of the first shot, seconds after the incident's reference. */
  emissionSeconds: number;
  emissionSigmaSeconds: number;
  likelihood: number;
  bearing?: { degrees: number; uncertaintyDegrees: number };
  /** Why the place is wide or missing, for the operator. */
  doubt?: string;
}

const FEWEST_POLES = 4;
/** Wider than this by the spread of the times alone is no place to send anybody to by multilateration. */
const WIDEST_METERS = 90;
/** Wider than this, were one pole wrong, it is none either. */
const WIDEST_DOUBT_METERS = 300;
/** Other places lie along curves, which no needle follows: an ellipse that they made long has so much of its length as width. */
const LEAST_WIDTH = 0.2;
const LARGEST_RMS_SECONDS = 0.03;
const NO_ELLIPSE: ErrorEllipse = {
  semiMajorMeters: 0,
  semiMinorMeters: 0,
  azimuthDegrees: 0,
  confidenceLevel: 0.95,
};

/** Judges the solution: it stands, or it gives way to the region that few or doubtful arrivals leave. */
export function place(
  incident: ImpulseIncident,
  silent: readonly MappedPole[],
  air: Air,
  settings: Settings,
): Placement {
  if (!settings.placesKnown) return unplaced(incident);
  const { solution, residuals } = incident;
  let doubt: string | undefined;
  if (solution) {
    const poles = new Map([...residuals.keys()].map(({ pole }) => [pole.index, pole]));
    const ellipse = ellipseOf(solution.covariance, settings.ellipseFloorMeters);
    const rms = Math.sqrt([...residuals.values()].reduce((sum, r) => sum + r * r, 0) / residuals.size);
    const inside = insideHull(
      [...poles.values()].map(({ east, north }) => [east, north] as const),
      [solution.east, solution.north],
    );
    const standing = spots(
      [...residuals.keys()].filter((heard) => isCredible(heard, incident.class, settings)),
    );
    if (standing < FEWEST_POLES) doubt = `Arrivals from only ${standing} places: no check on where it was.`;
    else if (ellipse.semiMajorMeters > WIDEST_METERS)
      doubt = 'The poles that heard it lie badly for a place.';
    else if (rms > LARGEST_RMS_SECONDS) doubt = 'Travel times fit no one place well.';
    else {
      return placed(incident, solution, inside, settings);
    }
  }
  const region = plausibleRegion(
    incident.shots[0].members,
    silent,
    incident.founder.timeNanos,
    air,
    settings,
  );
  const bearing = firstBearing(incident);
  return {
    method: bearing ? 'bearing' : 'nearest_pole',
    located: false,
    emitted: false,
    ...(bearing && { bearing }),
    point: [region.east, region.north],
    ellipse: ellipseOf(region.covariance, settings.ellipseFloorMeters),
    insideHull: false,
    conditionNumber: Infinity,
    residuals: new Map(),
    // Not located: times stay those of the first arrival.
    emissionSeconds: firstArrival(incident),
    emissionSigmaSeconds: firstSigma(incident),
    likelihood: -Infinity,
    ...(doubt !== undefined && { doubt }),
  };
}

/**
 * The solver's place, with an ellipse that holds the others that fit as well, were one pole wrong or none: exact where it
 * is small enough to send anybody to.
 */
function placed(
  incident: ImpulseIncident,
  solution: Solution,
  isInside: boolean,
  settings: Settings,
): Placement {
  const { shots, founder, residuals } = incident;
  const { east, north, covariance, conditionNumber } = solution;
  const { ellipseFloorMeters: floor } = settings;
  if (incident.elsewhere?.than !== solution) {
    const places = otherPlaces({
      members: shots[0].members,
      faint: shots[0].members.map((heard) => isFaint(heard, incident.class, settings)),
      solution,
      referenceNanos: founder.timeNanos,
      settings,
    });
    incident.elsewhere = { than: solution, places };
  }
  const others = incident.elsewhere.places;
  const ellipse =
    others.length > 0
      ? notNarrow(ellipseOf(covering([...rim(covariance, Math.sqrt(CHI_SQUARED_95), 8), ...others]), floor))
      : ellipseOf(covariance, floor);
  const at = {
    emitted: true,
    point: [east, north] as const,
    ellipse,
    conditionNumber,
    residuals,
    emissionSeconds: solution.emissionSeconds[0],
  };
  if (ellipse.semiMajorMeters > WIDEST_DOUBT_METERS)
    return {
      ...at,
      method: 'nearest_pole',
      located: false,
      insideHull: false,
      emissionSigmaSeconds: ellipse.semiMajorMeters / solution.air.soundSpeed / 2,
      likelihood: shots[0].likelihood,
      doubt: 'If one pole were wrong the place would be another: not certain enough for an exact one.',
    };
  return {
    ...at,
    method: 'multilateration',
    located: true,
    insideHull: isInside,
    emissionSigmaSeconds: Math.sqrt(solution.emissionVariance),
    likelihood: shots.reduce((best, { likelihood }) => Math.max(best, likelihood), -Infinity),
  };
}

function notNarrow(ellipse: ErrorEllipse): ErrorEllipse {
  const least = LEAST_WIDTH * ellipse.semiMajorMeters;
  return { ...ellipse, semiMinorMeters: Math.max(ellipse.semiMinorMeters, least) };
}

function unplaced(incident: ImpulseIncident): Placement {
  return {
    method: 'none',
    located: false,
    emitted: false,
    ellipse: NO_ELLIPSE,
    insideHull: false,
    conditionNumber: Infinity,
    residuals: new Map(),
    emissionSeconds: firstArrival(incident),
    emissionSigmaSeconds: firstSigma(incident),
    likelihood: -Infinity,
  };
}

/** The direction that the first pole with several microphones measured. */
function firstBearing({ shots }: ImpulseIncident): Placement['bearing'] {
  for (const { arrival } of shots[0].members) {
    const { bearingDegrees: degrees, bearingUncertaintyDegrees: uncertaintyDegrees } = arrival;
    if (degrees !== undefined && uncertaintyDegrees !== undefined) return { degrees, uncertaintyDegrees };
  }
  return undefined;
}

function firstArrival(incident: ImpulseIncident): number {
  const times = incident.shots[0].members.map(
    ({ timeNanos }) => Number(timeNanos - incident.founder.timeNanos) / 1e9,
  );
  return Math.min(...times);
}

function firstSigma({ founder: { arrival } }: ImpulseIncident): number {
  return Math.hypot(arrival.onsetUncertaintySeconds, arrival.clockUncertaintySeconds ?? 0);
}
