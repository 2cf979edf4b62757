import { secondsBetween } from '../audio/index.js';
import type { Arrival, Detection, DetectionState, SpectralFeatures } from './detection.js';
import { detectionId } from './detection.js';
import type { ScoredPatch, Scores } from './scored-patch.js';

/** Loud: so far over what was before it. */
const STRONG_DB = 25;
/** None of the known kinds: no score of the model reaches this. */
const UNKNOWN_SCORE = 0.2;
const QUIET_SECONDS = 2;

interface Open {
  first: Arrival;
  last: Arrival;
  scores: Scores;
  levelDb: number;
  snrDb: number;
  features?: SpectralFeatures;
}

/** Loud sounds that are none of the known kinds, at one pole. Only where a site asks for them; never located. */
export class UnusualTracker {
  readonly #pole: string;
  #open: Open | undefined;

  constructor(pole: string) {
    this.#pole = pole;
  }

  take(patch: ScoredPatch): Detection[] {
    const reports: Detection[] = [];
    if (this.#open && secondsBetween(this.#open.last.timeNanos, patch.endNanos) > QUIET_SECONDS) {
      reports.push(...this.end());
    }
    for (const arrival of patch.arrivals) {
      const unknown = Object.values(arrival.scores).every((score) => score < UNKNOWN_SCORE);
      if (!unknown || arrival.strengthDb < STRONG_DB) continue;
      const { levelDb, strengthDb, scores } = arrival;
      if (this.#open) {
        this.#open.last = arrival;
        this.#open.levelDb = Math.max(this.#open.levelDb, levelDb);
        this.#open.snrDb = Math.max(this.#open.snrDb, strengthDb);
        continue;
      }
      const features = patch.features();
      this.#open = {
        first: arrival,
        last: arrival,
        scores,
        levelDb,
        snrDb: strengthDb,
        ...(features && { features }),
      };
      reports.push(this.#report(this.#open, 'open'));
    }
    return reports;
  }

  end(): Detection[] {
    const open = this.#open;
    this.#open = undefined;
    return open ? [this.#report(open, 'closed')] : [];
  }

  #report({ first, last, scores, levelDb, snrDb, features }: Open, state: DetectionState): Detection {
    return {
      detectionId: detectionId(this.#pole, 'unusual', first.timeNanos),
      pole: this.#pole,
      class: 'unusual',
      state,
      onsetNanos: first.timeNanos,
      ...(state === 'closed' && { endNanos: last.timeNanos }),
      arrivals: [],
      score: Math.round(1000 * (1 - Math.max(0, ...Object.values(scores)))) / 1000,
      scores,
      levelDb,
      snrDb,
      ...(features && { features }),
    };
  }
}
