import type { Nanos } from '../audio/index.js';
import type { Site } from '../config/index.js';
import type { FeedListener, FeedState, SoundBlock } from '../feeds/index.js';
import {
  Listener,
  type Classifier,
  type Detection,
  type ListenCounters,
  type ListenOptions,
  type ListenSink,
  type Shedding,
} from '../listen/index.js';

/** Where a site's detections go: to the locator of this process, to that of another, or to both. */
export interface HearingSink extends Pick<ListenSink, 'onPatch'> {
  onDetection(detection: Detection): void;
  /** Every arrival of the pole before this has been told. */
  onDecided(pole: string, throughNanos: Nanos): void;
  /** Whether the pole's sound counts: live, or silent with all of it decided. */
  onLive(pole: string, live: boolean): void;
}

export interface HearingOptions {
  site: Site;
  classifier: Classifier;
  listen?: ListenOptions;
  counters?: ListenCounters;
  sink: HearingSink;
  /** Live: what to give up when short of time. */
  overload?: Shedding & { isTooOld(pole: string, block: SoundBlock): boolean };
  onState?: (pole: string, state: FeedState, reason?: string) => void;
  onBlock?: (pole: string, block: SoundBlock) => void;
}

/** The first half of the way of the data: feeds → listen. */
export class Hearing implements FeedListener {
  readonly #options: HearingOptions;
  readonly #listener: Listener;
  readonly #states = new Map<string, FeedState>();
  /** Poles of which the last block was let go. */
  readonly #broken = new Set<string>();

  constructor(options: HearingOptions) {
    this.#options = options;
    const { site, classifier, listen, counters, sink, overload } = options;
    this.#listener = new Listener({
      site,
      classifier,
      ...listen,
      ...(counters && { counters }),
      sink,
      ...(overload && { shedding: overload }),
    });
  }

  onBlock(pole: string, block: SoundBlock): void | Promise<void> {
    this.#options.onBlock?.(pole, block);
    if (this.#options.overload?.isTooOld(pole, block)) {
      this.#broken.add(pole);
      return;
    }
    if (this.#broken.delete(pole)) return this.#listener.accept(pole, { ...block, afterBreak: true });
    return this.#listener.accept(pole, block);
  }

  onState(pole: string, state: FeedState, reason?: string): void {
    this.#states.set(pole, state);
    if (state === 'live') this.#options.sink.onLive(pole, true);
    else void this.#silence(pole);
    this.#options.onState?.(pole, state, reason);
  }

  async onEnd(pole: string): Promise<void> {
    this.#states.delete(pole);
    await this.#silence(pole);
  }

  /** Decides what is left and wipes every ring. */
  async finish(): Promise<void> {
    await this.#listener.close();
  }

  /** No more sound for now, live as at a recording's end: decides what there is, closes what is open, wipes the ring. */
  async #silence(pole: string): Promise<void> {
    await this.#listener.endFeed(pole);
    if (this.#states.get(pole) !== 'live') this.#options.sink.onLive(pole, false);
  }
}
