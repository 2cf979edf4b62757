import { secondsBetween, type Nanos } from '../audio/index.js';
import type { Detection, DetectionState, SpectralFeatures } from './detection.js';
import { detectionId } from './detection.js';
import { meanFeatures } from './mean-features.js';
import type { ScoredPatch, Scores, Thresholds } from './scored-patch.js';

const CROWD = 'crowd_clamour';
/** A crowd is judged by the mean over the grid's patches of so long. A single shout is none. */
const WINDOW_SECONDS = 3;
const ONGOING_SECONDS = 5;
/** The quiet that a level is compared with: falls at once, rises by so much a second. */
const QUIET_RISE_DB_PER_SECOND = 0.5;

interface Look {
  startNanos: Nanos;
  endNanos: Nanos;
  scores: Scores;
  levelDb: number;
}

interface OpenCrowd {
  onsetNanos: Nanos;
  endNanos: Nanos;
  quietDb: number;
  best: number;
  count: number;
  sums: Record<string, number>;
  energy: number;
  features: SpectralFeatures[];
  lastReportNanos: Nanos;
}

/**
 * Crowd clamour at one pole, decided over seconds: opens when the mean score of the last 3 s reaches `on`, so it lasts at
 * least that long; closes when that mean falls below `off`. Pure; fed with routine patches only.
 */
export class CrowdTracker {
  readonly #pole: string;
  readonly #thresholds: Thresholds;
  readonly #windowPatches: number;
  readonly #quietRiseDb: number;
  #looks: Look[] = [];
  #open: OpenCrowd | undefined;
  #quietDb = Infinity;

  /** `hopSeconds`: of the grid that the patches lie on. */
  constructor(pole: string, thresholds: Thresholds, hopSeconds: number) {
    this.#pole = pole;
    this.#thresholds = thresholds;
    this.#windowPatches = Math.max(1, Math.round(WINDOW_SECONDS / hopSeconds));
    this.#quietRiseDb = QUIET_RISE_DB_PER_SECOND * hopSeconds;
  }

  take(patch: ScoredPatch): Detection[] {
    const limits = this.#thresholds[CROWD];
    if (!patch.routine || !limits) return [];
    const { startNanos, endNanos, scores, levelDb } = patch;
    const look = { startNanos, endNanos, scores, levelDb };
    this.#looks.push(look);
    if (this.#looks.length > this.#windowPatches) this.#looks.shift();
    this.#quietDb = Math.min(levelDb, this.#quietDb + this.#quietRiseDb);
    const mean = this.#looks.reduce((sum, { scores: s }) => sum + (s[CROWD] ?? 0), 0) / this.#windowPatches;
    const open = this.#open;
    if (!open) return mean >= limits.on ? [this.#begin(limits.off, patch)] : [];
    if (mean < limits.off) return this.end();
    add(open, look, mean, limits.off);
    if (secondsBetween(open.lastReportNanos, endNanos) < ONGOING_SECONDS) return [];
    open.lastReportNanos = endNanos;
    const features = patch.features();
    if (features) open.features.push(features);
    return [this.#report(open, 'ongoing')];
  }

  /** The sound ends or breaks: closes what is open, forgets the last seconds. */
  end(): Detection[] {
    const open = this.#open;
    this.#open = undefined;
    this.#looks = [];
    return open ? [this.#report(open, 'closed')] : [];
  }

  #begin(off: number, patch: ScoredPatch): Detection {
    const first = Math.max(
      0,
      this.#looks.findIndex(({ scores }) => (scores[CROWD] ?? 0) >= off),
    );
    const looks = this.#looks.slice(first);
    const open: OpenCrowd = {
      onsetNanos: looks[0].startNanos,
      endNanos: patch.endNanos,
      quietDb: this.#quietDb,
      best: 0,
      count: 0,
      sums: {},
      energy: 0,
      features: [],
      lastReportNanos: patch.endNanos,
    };
    const mean = this.#looks.reduce((sum, { scores }) => sum + (scores[CROWD] ?? 0), 0) / this.#windowPatches;
    for (const look of looks) add(open, look, mean, off);
    const features = patch.features();
    if (features) open.features.push(features);
    this.#open = open;
    return this.#report(open, 'open');
  }

  #report(open: OpenCrowd, state: DetectionState): Detection {
    const levelDb = Math.round(1000 * Math.log10(open.energy / open.count)) / 100;
    const scores = Object.fromEntries(
      Object.entries(open.sums).map(([name, sum]) => [name, Math.round((1000 * sum) / open.count) / 1000]),
    );
    return {
      detectionId: detectionId(this.#pole, CROWD, open.onsetNanos),
      pole: this.#pole,
      class: CROWD,
      state,
      onsetNanos: open.onsetNanos,
      ...(state === 'closed' && { endNanos: open.endNanos }),
      arrivals: [],
      score: open.best,
      scores,
      levelDb,
      snrDb: Math.round(100 * Math.max(0, levelDb - open.quietDb)) / 100,
      ...(open.features.length > 0 && { features: meanFeatures(open.features) }),
    };
  }
}

function add(open: OpenCrowd, { scores, levelDb, endNanos }: Look, mean: number, off: number): void {
  if ((scores[CROWD] ?? 0) >= off) open.endNanos = endNanos;
  open.count++;
  open.energy += 10 ** (levelDb / 10);
  open.best = Math.max(open.best, Math.round(mean * 1000) / 1000);
  for (const [name, score] of Object.entries(scores)) open.sums[name] = (open.sums[name] ?? 0) + score;
}
