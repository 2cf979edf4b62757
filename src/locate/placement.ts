import type { Air } from './air.js';
import type { HeardArrival } from './arrival-store.js';
import type { ErrorEllipse, Method } from './incident.js';
import type { ImpulseIncident } from './impulse.js';
import type { Settings } from './options.js';
import type { MappedPole } from './pole-map.js';
import { plausibleRegion } from './region.js';
import type { Solution } from './solver.js';
import { isCredible, spots, unseenFaults } from './integrity.js';
import { ellipseDistance, ellipseOf, insideHull } from './uncertainty.js';

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
/** Wider than this is no place to send anybody to by multilateration. */
const WIDEST_METERS = 90;
const LARGEST_RMS_SECONDS = 0.03;
/** With more poles than this a single wrong one is seen, and does not move the place. */
const FAULTS_MATTER = 9;
/** Were one pole wrong and the place so far off, no exact place is claimed. */
const FARTHEST_FAULT_METERS = 60;
/** A little less than χ² at 95 %: the offset then lies just within. */
const WIDENING = 4.5;
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
    const faults =
      standing < FEWEST_POLES || poles.size > FAULTS_MATTER
        ? []
        : unseenFaults({
            members: incident.shots[0].members,
            solution,
            referenceNanos: incident.founder.timeNanos,
            air,
            settings,
          });
    const farthest = faults.reduce((most, [east, north]) => Math.max(most, Math.hypot(east, north)), 0);
    if (standing < FEWEST_POLES) doubt = `Arrivals from only ${standing} places: no check on where it was.`;
    else if (ellipse.semiMajorMeters > WIDEST_METERS)
      doubt = 'The poles that heard it lie badly for a place.';
    else if (rms > LARGEST_RMS_SECONDS) doubt = 'Travel times fit no one place well.';
    else if (farthest > FARTHEST_FAULT_METERS) {
      return wideRound(incident, solution, faults, settings);
    } else {
      return {
        method: 'multilateration',
        located: true,
        emitted: true,
        point: [solution.east, solution.north],
        ellipse: ellipseOf(widened(solution.covariance, faults), settings.ellipseFloorMeters),
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

/** A covariance (m²) whose 95 % ellipse also holds these offsets. */
function widened(
  [ee, en, nn]: readonly [number, number, number],
  offsets: ReadonlyArray<readonly [number, number]>,
): [number, number, number] {
  const wide: [number, number, number] = [ee, en, nn];
  for (const [east, north] of offsets) {
    const { semiMajorMeters } = ellipseOf(wide, 0);
    if (ellipseDistance(ellipseOf(wide, 0), east, north) <= 1 && semiMajorMeters > 0) continue;
    wide[0] += (east * east) / WIDENING;
    wide[1] += (east * north) / WIDENING;
    wide[2] += (north * north) / WIDENING;
  }
  return wide;
}

/** The likeliest place, with an ellipse that holds the others that one wrong pole would explain. */
function wideRound(
  incident: ImpulseIncident,
  solution: Solution,
  faults: ReadonlyArray<readonly [number, number]>,
  settings: Settings,
): Placement {
  return {
    method: 'nearest_pole',
    located: false,
    emitted: true,
    point: [solution.east, solution.north],
    ellipse: ellipseOf(widened(solution.covariance, faults), settings.ellipseFloorMeters),
    insideHull: false,
    conditionNumber: solution.conditionNumber,
    residuals: incident.residuals,
    emissionSeconds: solution.emissionSeconds[0],
    emissionSigmaSeconds: Math.max(...faults.map(([e, n]) => Math.hypot(e, n))) / 340 / 2,
    likelihood: incident.shots[0].likelihood,
    doubt: 'If one pole were wrong the place would be another: not certain enough for an exact one.',
  };
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
