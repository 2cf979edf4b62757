import type { Nanos } from '../audio/index.js';
import type { Arrival, SpectralFeatures } from './detection.js';
import type { ClassThresholds } from './model.js';

/** Model scores by class name, 0 to 1, rounded to 0.001. */
export type Scores = Readonly<Record<string, number>>;
export type Thresholds = Readonly<Record<string, ClassThresholds>>;

/** A patch as the trackers see it. They are fed in order of `endNanos`. */
export interface ScoredPatch {
  startNanos: Nanos;
  endNanos: Nanos;
  /** On the common grid; others were made for an onset. */
  routine: boolean;
  scores: Scores;
  /** RMS level of the patch; unit as in Arrival. */
  levelDb: number;
  /** The arrivals that this patch judges, by time, with its scores. */
  arrivals: readonly Arrival[];
  /** Meyda's view of the patch; costs time, so asked for only when a detection changes. */
  features: () => SpectralFeatures | undefined;
}

/** The greater of two sets of scores, class by class. */
export function greaterScores(a: Scores, b: Scores): Scores {
  const greatest: Record<string, number> = { ...a };
  for (const [name, score] of Object.entries(b)) greatest[name] = Math.max(greatest[name] ?? 0, score);
  return greatest;
}
