import type { Detection } from './detection.js';
import { CrowdTracker } from './crowd-tracker.js';
import { ImpulseTracker } from './impulse-tracker.js';
import type { ScoredPatch, Thresholds } from './scored-patch.js';
import { UnusualTracker } from './unusual-tracker.js';

/** What one pole makes of its scored patches, class by class. Pure: the same patches give the same detections. */
export class Tracker {
  readonly #trackers: readonly { take(patch: ScoredPatch): Detection[]; end(): Detection[] }[];

  /** `hopSeconds`: of the grid of the routine patches. */
  constructor(pole: string, thresholds: Thresholds, hopSeconds: number, unusual = false) {
    this.#trackers = [
      new ImpulseTracker(pole, thresholds),
      new CrowdTracker(pole, thresholds, hopSeconds),
      ...(unusual ? [new UnusualTracker(pole)] : []),
    ];
  }

  take(patch: ScoredPatch): Detection[] {
    const reports = this.#trackers.flatMap((tracker) => tracker.take(patch));
    return reports.map((report) => ({ ...report, knownNanos: patch.endNanos }));
  }

  /** The sound ends or breaks. */
  end(): Detection[] {
    return this.#trackers.flatMap((tracker) => tracker.end());
  }
}
