import { IMPULSE_CLASSES, type EventClass } from '../config/index.js';

/** Scores (0 to 1) at which a class counts: from the model's sidecar. */
export interface ClassThresholds {
  /** One pole counts as having heard it, to be corroborated. */
  on: number;
  /** Below this an open detection ends. */
  off: number;
  /** One pole alone may alert. */
  alone: number;
}

/** 1σ of what bent paths add to an arrival: residuals of live fire in streets spread by 7 to 11 ms. */
export const PROPAGATION_SPREAD_SECONDS = 0.008;
/**
 * What no number of poles averages out, metres at 95 %: all paths of a place are bent alike, and the survey errs. With
 * 14 sensors as with six, live fire lay some 5 m from the survey.
 */
export const ELLIPSE_FLOOR_METERS = 6;

export interface LocateOptions {
  thresholds?: Partial<Readonly<Record<EventClass, ClassThresholds>>>;
  /** 1σ of what bent paths add to an arrival, seconds. */
  propagationSpreadSeconds?: number;
  /** Added in quadrature to both axes of the ellipse, metres at 95 %. */
  ellipseFloorMeters?: number;
  /** More impulse incidents a minute than this become one grouped incident. */
  fireworksPerMinute?: number;
  /** false: the poles' places mean nothing (a single recording without a site): nothing is placed. */
  placesKnown?: boolean;
  /** The arrivals carry no class scores (raw pulses of other systems): travel times alone decide. */
  unscored?: boolean;
}

export interface Settings {
  thresholds: Readonly<Record<EventClass, ClassThresholds>>;
  propagationSpreadSeconds: number;
  ellipseFloorMeters: number;
  fireworksPerMinute: number;
  placesKnown: boolean;
  unscored: boolean;
}

const DEFAULT_THRESHOLDS: ClassThresholds = { on: 0.5, off: 0.3, alone: 0.9 };

export function settingsFrom(options: LocateOptions = {}): Settings {
  const { thresholds = {} } = options;
  return {
    thresholds: {
      gunshot: thresholds.gunshot ?? DEFAULT_THRESHOLDS,
      explosion: thresholds.explosion ?? DEFAULT_THRESHOLDS,
      crowd_clamour: thresholds.crowd_clamour ?? DEFAULT_THRESHOLDS,
      unusual: thresholds.unusual ?? DEFAULT_THRESHOLDS,
    },
    propagationSpreadSeconds: options.propagationSpreadSeconds ?? PROPAGATION_SPREAD_SECONDS,
    ellipseFloorMeters: options.ellipseFloorMeters ?? ELLIPSE_FLOOR_METERS,
    fireworksPerMinute: options.fireworksPerMinute ?? 10,
    placesKnown: options.placesKnown ?? true,
    unscored: options.unscored ?? false,
  };
}

/** ln(p / (1 − p)) of a score, which is taken for 0.001 at least and 0.999 at most. */
export function logOdds(score: number): number {
  const inside = Math.min(Math.max(score, 0.001), 0.999);
  return Math.log(inside / (1 - inside));
}

const LEAST_EVIDENCE = -2;
export const MOST_EVIDENCE = 2;

/**
 * What an arrival's scores say for a blast, on a scale where 0 is the class's `on` and 1 its `alone`, linear in the
 * log odds between. The impulse classes are alternatives: the better one speaks.
 */
export function blastEvidence(scores: Readonly<Record<string, number>>, settings: Settings): number {
  let best = LEAST_EVIDENCE;
  for (const name of IMPULSE_CLASSES) best = Math.max(best, classEvidence(name, scores[name] ?? 0, settings));
  return Math.min(best, MOST_EVIDENCE);
}

export function classEvidence(name: EventClass, score: number, settings: Settings): number {
  const { on, alone } = settings.thresholds[name];
  const span = Math.max(logOdds(alone) - logOdds(on), 0.1);
  return (logOdds(score) - logOdds(on)) / span;
}
