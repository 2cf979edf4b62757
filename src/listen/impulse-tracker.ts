import { secondsBetween, type Nanos } from '../audio/index.js';
import { IMPULSE_CLASSES, type EventClass, type ImpulseClass } from '../config/index.js';
import type { Arrival, Detection, DetectionState, SpectralFeatures } from './detection.js';
import { detectionId } from './detection.js';
import { markEcho } from './echo.js';
import { greaterScores, type ScoredPatch, type Scores, type Thresholds } from './scored-patch.js';

/** Arrivals that follow each other within this are one detection. */
const MERGE_SECONDS = 1;
/** An arrival is judged at most this long after it. */
const JUDGED_WITHIN_SECONDS = 0.375;
const ONGOING_SECONDS = 5;
const MOST_ARRIVALS = 64;
/** Reports of weak arrivals in any second of one pole: rain on a roof must not flood the locator. */
const MOST_WEAK_A_SECOND = 8;
/** Something this much weaker that far before a blast in the same patch only borrowed the blast's score. */
const BORROWED_DB = 10;
const BORROWED_SECONDS = 0.06;
/** Real far shots lose their highs and look like explosions to the model: an explosion must win by this. */
const EXPLOSION_MARGIN = 0.15;

interface OpenDetection {
  class: ImpulseClass;
  arrivals: Arrival[];
  scores: Scores;
  lastReportNanos: Nanos;
  features?: SpectralFeatures;
}

/**
 * Gunshots and explosions at one pole: arrivals with their scores in, detections out. Pure.
 * An arrival that reaches `on` opens a detection; while it is open, `off` is enough to join; it closes once nothing
 * joined for a second. What is not enough is reported as `weak`.
 */
export class ImpulseTracker {
  readonly #pole: string;
  readonly #thresholds: Thresholds;
  #open: OpenDetection | undefined;
  #weakTimes: Nanos[] = [];

  constructor(pole: string, thresholds: Thresholds) {
    this.#pole = pole;
    this.#thresholds = thresholds;
  }

  take(patch: ScoredPatch): Detection[] {
    const reports: Detection[] = [];
    const closed = this.#closeIfQuiet(patch.endNanos);
    if (closed) reports.push(closed);
    const loudest = Math.max(...patch.arrivals.map(({ levelDb }) => levelDb));
    let joined = false;
    for (const arrival of patch.arrivals) {
      if (this.#joins(arrival, patch.arrivals, loudest)) {
        this.#join(arrival);
        joined = true;
      } else reports.push(...this.#weak(arrival));
    }
    const open = this.#open;
    if (open && (joined || secondsBetween(open.lastReportNanos, patch.endNanos) >= ONGOING_SECONDS)) {
      const first = open.lastReportNanos === 0n;
      open.lastReportNanos = patch.endNanos;
      if (first) {
        const features = patch.features();
        if (features) open.features = features;
      }
      reports.push(this.#report(open, first ? 'open' : 'ongoing'));
    }
    return reports;
  }

  /** The sound ends or breaks: closes what is open. */
  end(): Detection[] {
    const open = this.#open;
    this.#open = undefined;
    return open ? [this.#report(open, 'closed')] : [];
  }

  #closeIfQuiet(nowNanos: Nanos): Detection | undefined {
    const open = this.#open;
    if (!open) return undefined;
    const quiet = secondsBetween(open.arrivals[open.arrivals.length - 1].timeNanos, nowNanos);
    if (quiet <= MERGE_SECONDS + JUDGED_WITHIN_SECONDS) return undefined;
    this.#open = undefined;
    return this.#report(open, 'closed');
  }

  #joins(arrival: Arrival, company: readonly Arrival[], loudest: number): boolean {
    const level = this.#open ? 'off' : 'on';
    if (!this.#bestClass(arrival.scores, level)) return false;
    const { levelDb, timeNanos } = arrival;
    if (levelDb > loudest - BORROWED_DB) return true;
    return !company.some(
      (other) =>
        other.levelDb >= levelDb + BORROWED_DB &&
        secondsBetween(timeNanos, other.timeNanos) > BORROWED_SECONDS,
    );
  }

  #join(arrival: Arrival): void {
    const open = this.#open;
    if (!open) {
      const found = this.#bestClass(arrival.scores, 'on');
      if (!found) return;
      this.#open = { class: found, arrivals: [arrival], scores: arrival.scores, lastReportNanos: 0n };
      return;
    }
    open.scores = greaterScores(open.scores, arrival.scores);
    open.arrivals.push(markEcho(arrival, open.arrivals));
    if (open.arrivals.length > MOST_ARRIVALS) open.arrivals.splice(1, 1);
  }

  /**
   * The impulse class that was heard; undefined where none reaches its threshold. What reaches the explosion's without
   * standing clear of the gunshot's score is a far shot that lost its highs, if a gunshot is possible at all.
   */
  #bestClass(scores: Scores, level: 'on' | 'off'): ImpulseClass | undefined {
    const { gunshot = 0, explosion = 0 } = scores;
    const limits = this.#thresholds;
    const blast = limits.explosion !== undefined && explosion >= limits.explosion[level];
    if (blast && explosion - gunshot >= EXPLOSION_MARGIN) return 'explosion';
    if (!limits.gunshot) return undefined;
    return gunshot >= limits.gunshot[blast ? 'off' : level] ? 'gunshot' : undefined;
  }

  #weak(arrival: Arrival): Detection[] {
    const { timeNanos } = arrival;
    this.#weakTimes = this.#weakTimes.filter((time) => secondsBetween(time, timeNanos) < 1);
    if (this.#weakTimes.length >= MOST_WEAK_A_SECOND) return [];
    this.#weakTimes.push(timeNanos);
    const [first, second] = IMPULSE_CLASSES;
    const name = (arrival.scores[second] ?? 0) > (arrival.scores[first] ?? 0) ? second : first;
    return [
      {
        detectionId: detectionId(this.#pole, name, timeNanos),
        pole: this.#pole,
        class: name,
        state: 'weak',
        onsetNanos: timeNanos,
        endNanos: timeNanos,
        arrivals: [arrival],
        score: arrival.scores[name] ?? 0,
        scores: arrival.scores,
        levelDb: arrival.levelDb,
        snrDb: arrival.strengthDb,
      },
    ];
  }

  #report(open: OpenDetection, state: DetectionState): Detection {
    const { arrivals, scores, features } = open;
    const name: EventClass = open.class;
    const onsetNanos = arrivals[0].timeNanos;
    return {
      detectionId: detectionId(this.#pole, name, onsetNanos),
      pole: this.#pole,
      class: name,
      state,
      onsetNanos,
      ...(state === 'closed' && { endNanos: arrivals[arrivals.length - 1].timeNanos }),
      arrivals: [...arrivals],
      score: scores[name] ?? 0,
      scores,
      levelDb: Math.max(...arrivals.map(({ levelDb }) => levelDb)),
      snrDb: Math.max(...arrivals.map(({ strengthDb }) => strengthDb)),
      ...(features && { features }),
    };
  }
}
