import type { Nanos } from '../audio/index.js';
import type { EventClass } from '../config/index.js';
import type { SpectralFeatures } from '../listen/index.js';

export type Method = 'multilateration' | 'bearing' | 'nearest_pole' | 'none';

export interface ErrorEllipse {
  semiMajorMeters: number;
  semiMinorMeters: number;
  /** Of the major axis, clockwise from north, 0 to 180. */
  azimuthDegrees: number;
  confidenceLevel: 0.95;
}

export interface Weather {
  temperatureC?: number;
  /** 0 to 100. */
  relativeHumidity?: number;
  /** m/s. */
  windSpeed?: number;
  /** Where the wind comes from, degrees clockwise from north. */
  windFromDegrees?: number;
}

/** One pole's part in an incident. */
export interface PoleEvidence {
  pole: string;
  arrivalNanos: Nanos;
  clockUncertaintySeconds?: number;
  score: number;
  snrDb: number;
  /** Measured minus predicted arrival, where the incident is located. */
  residualSeconds?: number;
  features?: SpectralFeatures;
}

export interface Reason {
  /** A runner-up class, or `evidence` of another kind. */
  class: string;
  score?: number;
  /** One plain sentence for the operator. */
  text: string;
}

/**
 * One physical happening, built from the detections of all poles that heard it.
 * Times are the emission at the source when located, else the first arrival.
 */
export interface Incident {
  incidentId: string;
  /** From 1. */
  revision: number;
  class: EventClass;
  /** Calibrated, 0 to 1. */
  confidence: number;
  onsetNanos: Nanos;
  onsetUncertaintySeconds: number;
  durationSeconds: number;
  method: Method;
  /** [lon, lat]; present only with `accuracy`. */
  location?: readonly [number, number];
  accuracy?: ErrorEllipse;
  insideHull?: boolean;
  conditionNumber?: number;
  bearingDegrees?: number;
  bearingUncertaintyDegrees?: number;
  /** Crowds: closed ring of [lon, lat]. */
  area?: ReadonlyArray<readonly [number, number]>;
  weather?: Weather;
  shots?: { count: number; timesNanos: readonly Nanos[]; automatic: boolean };
  levelDb: number;
  polesHeard: number;
  polesSilent: number;
  /** Nearest first (all that took part; publishing cuts to 12). */
  poles: readonly PoleEvidence[];
  reasons: readonly Reason[];
}

export type IncidentChange = 'detected' | 'updated' | 'closed';

/** What the locator hands on: one step in an incident's life. */
export interface IncidentStep {
  change: IncidentChange;
  incident: Incident;
  /** The arrival (or the end of minimum duration) that made this step possible: latency is counted from it. */
  decidedByNanos: Nanos;
  /** Site time at which the locator took the step. */
  siteTimeNanos: Nanos;
}
