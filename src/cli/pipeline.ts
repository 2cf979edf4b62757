import type { Nanos } from '../audio/index.js';
import type { Site } from '../config/index.js';
import type { FeedListener, FeedState, SoundBlock } from '../feeds/index.js';
import {
  mergeThresholds,
  type Classifier,
  type Detection,
  type ListenCounters,
  type ListenOptions,
  type ScoredPatch,
} from '../listen/index.js';
import type { IncidentStep, LocateOptions, SiteLocator, SiteTime } from '../locate/index.js';
import { Hearing } from './hearing.js';
import { Placing } from './placing.js';

export interface PipelineOptions {
  site: Site;
  classifier: Classifier;
  listen?: ListenOptions;
  locate?: LocateOptions;
  counters?: ListenCounters;
  onStep: (step: IncidentStep) => void;
  onDetection?: (detection: Detection) => void;
  onState?: (pole: string, state: FeedState, reason?: string) => void;
  onBlock?: (pole: string, block: SoundBlock) => void;
  onPatch?: (pole: string, patch: ScoredPatch) => void;
}

/**
 * The way of the data in one process: feeds → listen → locate → `onStep`. Live and replay differ only in the feed
 * that drives it: it reads no clock, and everything it decides rests on the times in the sound.
 */
export class Pipeline implements FeedListener {
  readonly #hearing: Hearing;
  readonly #placing: Placing;

  constructor(options: PipelineOptions) {
    const { site, classifier, listen, locate, counters, onStep, onDetection, onPatch, onState, onBlock } =
      options;
    const thresholds = mergeThresholds(classifier.model.thresholds, listen?.thresholds);
    const placing = new Placing({ site, locate: { thresholds, ...locate }, onStep });
    this.#placing = placing;
    this.#hearing = new Hearing({
      site,
      classifier,
      ...(listen && { listen }),
      ...(counters && { counters }),
      ...(onState && { onState }),
      ...(onBlock && { onBlock }),
      sink: {
        onDetection(detection) {
          onDetection?.(detection);
          placing.onDetection(detection);
        },
        ...(onPatch && { onPatch }),
        onDecided: (pole, through) => placing.onDecided(pole, through),
        onLive: (pole, live) => placing.onLive(pole, live),
      },
    });
  }

  get locator(): SiteLocator {
    return this.#placing.locator;
  }

  get siteTime(): SiteTime {
    return this.#placing.siteTime;
  }

  onBlock(pole: string, block: SoundBlock): void | Promise<void> {
    return this.#hearing.onBlock(pole, block);
  }

  onState(pole: string, state: FeedState, reason?: string): void {
    this.#hearing.onState(pole, state, reason);
  }

  onEnd(pole: string): Promise<void> {
    return this.#hearing.onEnd(pole);
  }

  /** Lets site time run on where no sound comes: call it a few times a second while live. */
  tick(monotonicNanos: Nanos): void {
    this.#placing.tick(monotonicNanos);
  }

  /** Decides what is left, closes what is open, wipes every ring. */
  async finish(): Promise<void> {
    await this.#hearing.finish();
    this.#placing.finish();
  }
}
