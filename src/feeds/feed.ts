import type { Nanos } from '../audio/index.js';

/** See source-state.ts for the table of transitions. */
export type FeedState = 'waiting' | 'live' | 'stalled' | 'failed';

/** A stretch of one pole's sound, resampled to 16 kHz; blocks follow each other without holes unless `afterBreak`. */
export interface SoundBlock {
  /** UTC of `samples[0]`. */
  startNanos: Nanos;
  /** 1σ; absent = unknown. */
  clockUncertaintySeconds?: number | undefined;
  /** Mono, 16 kHz, full scale ±1. Owned by the feed: valid only during the call (until its promise ends). */
  samples: Float32Array;
  /** Not continuous with the former block: listeners start afresh. */
  afterBreak: boolean;
  /** Leading samples that are zeros put in for a short gap (at most 1 s): their edges are no sound. */
  filledSamples: number;
  /** Poles with several microphones: each channel at `channelRateHz`, same span of time. Owned like `samples`. */
  channels?: readonly Float32Array[] | undefined;
  channelRateHz?: number | undefined;
}

export interface FeedListener {
  /** Recordings await it (backpressure); live feeds do not. */
  onBlock(pole: string, block: SoundBlock): void | Promise<void>;
  onState(pole: string, state: FeedState, reason?: string): void;
  /** A recording ended. */
  onEnd(pole: string): void | Promise<void>;
}

/** What of a site's sound this process takes in. */
export interface FeedShare {
  /** Undefined: all that send. */
  poles: readonly string[] | undefined;
  /** Another process hears them: the last seconds of these are kept unheard, lest it dies. */
  standby?: readonly string[];
  /** Of `poles`, those that stood by and whose process has died: what was kept is heard first. */
  rescued?: readonly string[];
}

/** The sound of a site's poles, wherever it comes from. */
export interface Feed {
  /** Resolves once the feed runs: subscribed, or its files opened. */
  start(listener: FeedListener): Promise<void>;
  /** Where poles are shared out: which to hear from now on. */
  setPoles?(share: FeedShare): Promise<void>;
  stop(): Promise<void>;
}
