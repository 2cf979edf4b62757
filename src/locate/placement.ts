import type { Air } from './air.js';
import type { HeardArrival } from './arrival-store.js';
import type { ErrorEllipse, Method } from './incident.js';
import type { ImpulseIncident } from './impulse.js';
import type { Settings } from './options.js';
import type { MappedPole } from './pole-map.js';
import { plausibleRegion } from './region.js';
import { ellipseOf, insideHull } from './uncertainty.js';

/** Where an incident was, as far as its arrivals allow to say. */
export interface Placement {
  method: Method;
  /** The solver's place stands: `multilateration`. */
  located: boolean;
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
/** Wider than this is no place to send anybody to by multilateration. */
const WIDEST_METERS = 120;
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
    if (poles.size < FEWEST_POLES) doubt = `Only ${poles.size} poles give a time: no check on the place.`;
    else if (ellipse.semiMajorMeters > WIDEST_METERS)
      doubt = 'The poles that heard it lie badly for a place.';
    else if (rms > LARGEST_RMS_SECONDS) doubt = 'Travel times fit no one place well.';
    else {
      return {
        method: 'multilateration',
        located: true,
        point: [solution.east, solution.north],
        ellipse,
        insideHull: inside,
        conditionNumber: solution.conditionNumber,
        residuals,
        emissionSeconds: solution.emissionSeconds[0],
        emissionSigmaSeconds: Math.sqrt(solution.emissionVariance),
        likelihood: incident.shots.reduce((best, { likelihood }) => Math.max(best, likelihood), -Infinity),
      };
    }
  }
  const region = plausibleRegion(
    incident.shots[0].members,
    silent,
    incident.founder.timeNanos,
    air,
    settings,
  );
  return {
    method: 'nearest_pole',
    located: false,
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

function unplaced(incident: ImpulseIncident): Placement {
  return {
    method: 'none',
    located: false,
    ellipse: NO_ELLIPSE,
    insideHull: false,
    conditionNumber: Infinity,
    residuals: new Map(),
    emissionSeconds: firstArrival(incident),
    emissionSigmaSeconds: firstSigma(incident),
    likelihood: -Infinity,
  };
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
