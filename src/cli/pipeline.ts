import type { Nanos } from '../audio/index.js';
import type { Site } from '../config/index.js';
import type { FeedListener, FeedState, SoundBlock } from '../feeds/index.js';
import {
  Listener,
  mergeThresholds,
  type Classifier,
  type Detection,
  type ListenCounters,
  type ListenOptions,
  type ScoredPatch,
} from '../listen/index.js';
import { SiteLocator, SiteTime, type IncidentStep, type LocateOptions } from '../locate/index.js';

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
  readonly #options: PipelineOptions;
  readonly #listener: Listener;
  readonly locator: SiteLocator;
  readonly siteTime = new SiteTime();
  readonly #states = new Map<string, FeedState>();

  constructor(options: PipelineOptions) {
    this.#options = options;
    const thresholds = mergeThresholds(options.classifier.model.thresholds, options.listen?.thresholds);
    this.locator = new SiteLocator(options.site, { thresholds, ...options.locate });
    this.#listener = new Listener({
      site: options.site,
      classifier: options.classifier,
      ...options.listen,
      ...(options.counters && { counters: options.counters }),
      sink: {
        onDetection: (detection) => {
          options.onDetection?.(detection);
          this.locator.add(detection);
        },
        ...(options.onPatch && { onPatch: options.onPatch }),
        onDecided: (pole, throughNanos) => this.#decided(pole, throughNanos),
      },
    });
    for (const { pole, recorded } of options.site.poles) if (recorded) this.siteTime.expect(pole);
  }

  onBlock(pole: string, block: SoundBlock): void | Promise<void> {
    this.#options.onBlock?.(pole, block);
    return this.#listener.accept(pole, block);
  }

  onState(pole: string, state: FeedState, reason?: string): void {
    this.#states.set(pole, state);
    if (state === 'live') this.#setLive(pole, true);
    else void this.#silence(pole);
    this.#options.onState?.(pole, state, reason);
  }

  async onEnd(pole: string): Promise<void> {
    this.#states.delete(pole);
    await this.#silence(pole);
  }

  /** Lets site time run on where no sound comes: call it a few times a second while live. */
  tick(monotonicNanos: Nanos): void {
    this.#advance(this.siteTime.now(monotonicNanos));
  }

  /** Decides what is left, closes what is open, wipes every ring. */
  async finish(): Promise<void> {
    await this.#listener.close();
    for (const step of this.locator.flush()) this.#options.onStep(step);
  }

  /** No more sound for now, live as at a recording's end: decides what there is, closes what is open, wipes the ring. */
  async #silence(pole: string): Promise<void> {
    await this.#listener.endFeed(pole);
    if (this.#states.get(pole) !== 'live') this.#setLive(pole, false);
  }

  #setLive(pole: string, live: boolean): void {
    this.siteTime.setLive(pole, live);
    this.locator.setLive(pole, live, this.siteTime.throughOf(pole));
  }

  #decided(pole: string, throughNanos: Nanos): void {
    if (this.siteTime.report(pole, throughNanos)) this.#advance(this.siteTime.now());
  }

  #advance(siteTimeNanos: Nanos | undefined): void {
    if (siteTimeNanos === undefined) return;
    for (const step of this.locator.advance(siteTimeNanos)) this.#options.onStep(step);
  }
}
