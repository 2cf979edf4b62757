import { crc32 } from 'node:zlib';
import { secondsToNanos, type Nanos } from '../audio/index.js';
import type { Pole } from '../config/index.js';
import type { SoundBlock } from '../feeds/index.js';
import { measureBearing } from './bearing.js';
import type { Classifier } from './classifier.js';
import type { Arrival, Detection } from './detection.js';
import { measureFeatures } from './features.js';
import { levelDbOf } from './level.js';
import type { ListenCounters } from './listen-counters.js';
import type { ListenSink } from './listen-sink.js';
import { OnsetPicker } from './onset.js';
import { GRID_TURNS, PatchSchedule, type PlannedPatch } from './patches.js';
import { RecentChannels } from './recent-channels.js';
import { RecentSound, SAMPLE_NANOS } from './recent-sound.js';
import type { ScoredPatch, Scores, Thresholds } from './scored-patch.js';
import { shedPatch, type Shedding } from './overload.js';
import { Tracker } from './tracker.js';

/** Blocks are worked in pieces of this, so that what is planned still lies in the ring. */
const PIECE_SAMPLES = 8000;
/** A recording waits once its oldest patch lies so far back: the ring must still hold it for the features. */
const LAG_SECONDS = 1.5;
/** A feed is quiet up to so much over its quietest; that falls at once and rises slowly. */
const QUIET_MARGIN_DB = 6;
const QUIET_RISE_DB_PER_SECOND = 0.5;
/** Live, patches are skipped once so many of one pole wait. */
const MOST_PENDING = 24;

/** A patch on its way through the classifier, or a break that waits for its turn. */
interface Pending {
  plan: PlannedPatch | undefined;
  stretchStart: number;
  stretchEnd: number | undefined;
  arrivals: Omit<Arrival, 'scores'>[];
  levelDb: number;
  done: boolean;
  scores?: Scores;
}

export interface PoleListenerOptions {
  pole: Pole;
  classifier: Classifier;
  sink: ListenSink;
  counters: ListenCounters;
  thresholds: Thresholds;
  unusual: boolean;
  shedding?: Shedding;
}

/**
 * Listens at one pole: recent sound, onsets, patches, tracker. Scores come back in any order and are handled in order of
 * the patches' ends, so what is reported hangs neither on block sizes nor on pace.
 */
export class PoleListener {
  readonly #options: PoleListenerOptions;
  readonly #sound = new RecentSound();
  readonly #channels = new RecentChannels();
  readonly #schedule: PatchSchedule;
  readonly #picker: OnsetPicker;
  readonly #tracker: Tracker;
  readonly #pending: Pending[] = [];
  readonly #lagWaiters: (() => void)[] = [];
  /** Index at which the picker's running stretch starts. */
  #pickerStart = 0;
  #stretchNanos: Nanos | undefined;
  #decided: Nanos | undefined;
  #levelDb = 0;
  #quietDb = Infinity;

  constructor(options: PoleListenerOptions) {
    this.#options = options;
    const { model } = options.classifier;
    this.#schedule = new PatchSchedule(model.hopSeconds, crc32(options.pole.pole) % GRID_TURNS);
    this.#tracker = new Tracker(options.pole.pole, options.thresholds, model.hopSeconds, options.unusual);
    this.#picker = new OnsetPicker((onset) => {
      options.counters.onset?.(options.pole.pole);
      const index = this.#pickerStart + onset.sample;
      this.#schedule.add({ ...onset, index, timeNanos: this.#sound.timeOf(index) });
    });
  }

  accept(block: SoundBlock): void | Promise<void> {
    if (block.samples.length === 0) return;
    if (block.afterBreak || this.#stretchNanos === undefined) this.#begin(block.startNanos);
    if (
      block.channels &&
      block.channels.length > 1 &&
      block.channelRateHz &&
      this.#options.pole.microphones
    ) {
      this.#channels.append(block.channels, block.channelRateHz, this.#sound.end);
    }
    const { samples } = block;
    for (let from = 0; from < samples.length; from += PIECE_SAMPLES) {
      const piece = samples.length <= PIECE_SAMPLES ? samples : samples.subarray(from, from + PIECE_SAMPLES);
      this.#hear(piece, block.startNanos + BigInt(from) * SAMPLE_NANOS, block, block.filledSamples - from);
    }
    if (this.#options.shedding && this.#options.shedding.state !== 'normal') this.#noteLevel(block);
    this.#tellDecided();
    if (this.#lags()) return new Promise((resolve) => this.#lagWaiters.push(resolve));
  }

  async end(): Promise<void> {
    this.#endStretch();
    while (this.#pending.length > 0) await new Promise<void>((resolve) => this.#lagWaiters.push(resolve));
    if (this.#sound.end > 0) {
      this.#options.sink.onDecided(this.#options.pole.pole, this.#sound.timeOf(this.#sound.end));
    }
    this.#sound.wipe();
    this.#channels.wipe();
  }

  #begin(startNanos: Nanos): void {
    this.#endStretch();
    this.#sound.breakHere();
    this.#pickerStart = this.#sound.end;
    this.#stretchNanos = startNanos;
    this.#decided = undefined;
    this.#schedule.begin(startNanos);
  }

  #hear(piece: Float32Array, nanos: Nanos, block: SoundBlock, filled: number): void {
    const index = this.#sound.end;
    this.#sound.append(piece, nanos, block.clockUncertaintySeconds);
    if (filled > 0) {
      // The edges of a filled gap are no sound: the picker starts afresh behind it.
      this.#picker.finish();
      const skipped = Math.min(filled, piece.length);
      this.#pickerStart = index + skipped;
      this.#picker.push(piece, skipped);
    } else this.#picker.push(piece);
    for (const plan of this.#schedule.due(index, nanos, piece.length)) this.#judge(plan);
  }

  #endStretch(): void {
    if (this.#stretchNanos === undefined) return;
    this.#picker.finish();
    const { end } = this.#sound;
    const plans = this.#schedule.end(end, this.#sound.timeOf(end), this.#stretchNanos);
    for (const plan of plans) this.#judge(plan, end);
    this.#stretchNanos = undefined;
    this.#pending.push({
      plan: undefined,
      stretchStart: 0,
      stretchEnd: undefined,
      arrivals: [],
      levelDb: 0,
      done: true,
    });
    this.#drain();
  }

  #judge(plan: PlannedPatch, stretchEnd?: number): void {
    const { classifier, counters, pole } = this.#options;
    const pending: Pending = {
      plan,
      stretchStart: this.#sound.start,
      stretchEnd,
      arrivals: plan.onsets.map((onset) => this.#arrival(onset)),
      levelDb: 0,
      done: false,
    };
    this.#pending.push(pending);
    const { stretchStart } = pending;
    const { patchSamples } = classifier.model;
    const start = plan.endIndex - patchSamples;
    const there = this.#sound.holds(start, patchSamples, stretchStart, stretchEnd);
    if (!there || (plan.onsets.length === 0 && this.#pending.length > MOST_PENDING)) {
      this.#skip(pending);
      return;
    }
    if (plan.onsets.length === 0 && this.#sheds(plan)) {
      pending.done = true;
      return;
    }
    const asked = performance.now();
    const write = (row: Float32Array): boolean => {
      if (!this.#sound.read(row, start, stretchStart, stretchEnd)) return false;
      pending.levelDb = round(levelDbOf(row) + (pole.fullScaleDbSpl ?? 0), 100);
      return true;
    };
    classifier.score(write).then(
      (scores) => {
        // One of the grid is one whether an onset lies in it or not: their number must say nothing of the sound.
        counters.patches?.(plan.routine ? 'routine' : 'onset');
        counters.stage?.('classify', (performance.now() - asked) / 1000);
        counters.queueDepth?.('patches', classifier.waiting);
        pending.scores = byName(classifier.model.classes, scores);
        pending.done = true;
        this.#drain();
      },
      () => {
        this.#skip(pending);
        this.#drain();
      },
    );
  }

  /** Short of time, a patch of the grid is given up; one of an onset never. */
  #sheds({ endNanos }: PlannedPatch): boolean {
    const { shedding, classifier } = this.#options;
    if (!shedding || shedding.state === 'normal') return false;
    const odd = (endNanos / secondsToNanos(classifier.model.hopSeconds)) % 2n === 1n;
    const reason = shedPatch(shedding.state, odd, this.#levelDb <= this.#quietDb + QUIET_MARGIN_DB);
    if (reason) shedding.shed(reason);
    return reason !== undefined;
  }

  /** A feed is quiet while its sound is hardly above the least of it lately. */
  #noteLevel(block: SoundBlock): void {
    this.#levelDb = levelDbOf(block.samples);
    const seconds = block.samples.length / 16_000;
    this.#quietDb = Math.min(this.#levelDb, this.#quietDb + QUIET_RISE_DB_PER_SECOND * seconds);
  }

  #skip(pending: Pending): void {
    this.#options.counters.queueDropped?.('patches');
    pending.done = true;
  }

  #arrival(onset: PlannedPatch['onsets'][number]): Omit<Arrival, 'scores'> {
    const { pole } = this.#options;
    const clock = this.#sound.clockUncertaintyOf(onset.index);
    const channels = pole.microphones && this.#channels.around(onset.index);
    const bearing =
      channels && pole.microphones && measureBearing(channels, pole.microphones, this.#channels.rateHz);
    return {
      timeNanos: onset.timeNanos,
      onsetUncertaintySeconds: round(onset.uncertaintySeconds, 1e5),
      ...(clock !== undefined && { clockUncertaintySeconds: clock }),
      levelDb: round(onset.peakDb + (pole.fullScaleDbSpl ?? 0), 100),
      strengthDb: round(onset.strengthDb, 100),
      ...(bearing && {
        bearingDegrees: round(bearing.degrees, 10),
        bearingUncertaintyDegrees: round(bearing.uncertaintyDegrees, 10),
      }),
    };
  }

  /** Handles what has come back, in order. */
  #drain(): void {
    while (this.#pending[0]?.done) {
      const pending = this.#pending[0];
      if (!pending.plan) this.#report(this.#tracker.end());
      else if (pending.scores) {
        const scored = this.#scored(pending, pending.plan, pending.scores);
        this.#options.sink.onPatch?.(this.#options.pole.pole, scored);
        this.#report(this.#tracker.take(scored));
      }
      this.#pending.shift();
    }
    this.#tellDecided();
    if (!this.#lags()) for (const resolve of this.#lagWaiters.splice(0)) resolve();
  }

  #scored(
    { arrivals, levelDb, stretchStart, stretchEnd }: Pending,
    plan: PlannedPatch,
    scores: Scores,
  ): ScoredPatch {
    const { patchSamples, patchSeconds } = this.#options.classifier.model;
    return {
      startNanos: plan.endNanos - secondsToNanos(patchSeconds),
      endNanos: plan.endNanos,
      routine: plan.routine,
      scores,
      levelDb,
      arrivals: arrivals.map((arrival) => ({ ...arrival, scores })),
      features: () => {
        const patch = new Float32Array(patchSamples);
        const there = this.#sound.read(patch, plan.endIndex - patchSamples, stretchStart, stretchEnd);
        const features = there ? measureFeatures(patch) : undefined;
        patch.fill(0);
        return features;
      },
    };
  }

  #report(detections: readonly Detection[]): void {
    for (const detection of detections) this.#options.sink.onDetection(detection);
  }

  /** Nothing before this can still be reported: no onset unpicked, none without its patch, no patch without its scores. */
  #tellDecided(): void {
    if (this.#stretchNanos === undefined) return;
    let through = this.#sound.timeOf(
      Math.max(this.#sound.start, this.#pickerStart + this.#picker.decidedSamples),
    );
    const waiting = this.#schedule.earliestOnset;
    if (waiting !== undefined && waiting < through) through = waiting;
    for (const { plan, arrivals } of this.#pending) {
      if (plan && plan.endNanos < through) through = plan.endNanos;
      if (arrivals.length > 0 && arrivals[0].timeNanos < through) through = arrivals[0].timeNanos;
    }
    if (this.#decided !== undefined && through <= this.#decided) return;
    this.#decided = through;
    this.#options.sink.onDecided(this.#options.pole.pole, through);
  }

  #lags(): boolean {
    const oldest = this.#pending.find(({ plan }) => plan !== undefined)?.plan;
    if (this.#stretchNanos === undefined) return this.#pending.length > 0;
    return oldest !== undefined && oldest.endIndex < this.#sound.end - LAG_SECONDS * 16_000;
  }
}

function byName(classes: readonly string[], scores: Float32Array): Scores {
  // Rounded again: 0.123 as a float is not 0.123 as a double.
  return Object.fromEntries(classes.map((name, i) => [name, Math.round(scores[i] * 1000) / 1000]));
}

function round(value: number, steps: number): number {
  return Math.round(value * steps) / steps;
}
