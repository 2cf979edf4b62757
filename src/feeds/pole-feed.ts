import type { KeyObject } from 'node:crypto';
import {
  channelOf,
  FrameReader,
  mixToMono,
  NANOS_PER_SECOND,
  type Frame,
  type FrameFault,
  type Nanos,
} from '../audio/index.js';
import { ClameurError, type Pole } from '../config/index.js';
import { Continuity } from './continuity.js';
import type { FeedCounters } from './counters.js';
import type { FeedState, SoundBlock } from './feed.js';
import { FloodGate } from './flood-gate.js';
import { hasMicrophones } from './microphones.js';
import { isSignedBy, readPublicKey } from './signature.js';
import { SourceState, STALL_SECONDS } from './source-state.js';
import type { DropReason, Stretch } from './splice.js';

export type LiveDropReason =
  | FrameFault
  | DropReason
  | 'unknown_pole'
  | 'flood'
  | 'bad_signature'
  | 'stale'
  | 'replayed'
  /** Of another process's pole: kept while that one died, and not heard in time. */
  | 'rescued_too_late';

/** Past this, a pole's clock is no clock. Its sound is still heard; site time sets the pole apart. Counted, no more. */
const CLOCK_FAR_NANOS = 3600n * NANOS_PER_SECOND;
/**
 * A signed frame must be fresh, or an old one could be sent again after a restart. Short, because a signed pole's clock
 * that ran ahead and was set right is refused for as long as this, lest that be a replay.
 */
const FRESH_NANOS = 300n * NANOS_PER_SECOND;
/** A pole's clock may be so far behind when the service starts; one further behind is heard so much later. */
const RESTART_NANOS = 5n * NANOS_PER_SECOND;

export interface PoleFeedOptions {
  counters: FeedCounters;
  monotonicSeconds: () => number;
  nowNanos: () => Nanos;
  onState: (state: FeedState, reason?: string) => void;
}

/** Shared: a frame is worked off within one call, and none is left in it. */
const reader = new FrameReader();

/** One pole's live frames, from payload to blocks: flood, signature, codec, continuity, in the order of their cost. */
export class PoleFeed {
  readonly #pole: Pole;
  readonly #options: PoleFeedOptions;
  readonly #keys: readonly KeyObject[];
  /** What was signed well before this process listened may have been sent before, to another. */
  readonly #oldestSigned: Nanos;
  readonly #gate = new FloodGate();
  readonly #state: SourceState;
  #continuity: Continuity;
  #mono = new Float32Array(0);
  #newestSigned = -1n;
  #fault: { reason: LiveDropReason; atSeconds: number } | undefined;

  /** Throws SITE_INVALID where the pole's key is none. */
  constructor(pole: Pole, options: PoleFeedOptions) {
    this.#pole = pole;
    this.#options = options;
    this.#state = new SourceState(options.onState);
    this.#continuity = new Continuity(pole.pole, options.counters);
    this.#oldestSigned = options.nowNanos() - RESTART_NANOS;
    try {
      this.#keys = [pole.publicKey ?? []].flat().map(readPublicKey);
    } catch (cause) {
      const problem = `publicKey of pole "${pole.pole}" ${(cause as Error).message}`;
      throw new ClameurError('SITE_INVALID', { file: 'site.geojson', problem }, { cause });
    }
  }

  get state(): FeedState {
    return this.#state.state;
  }

  /** The blocks that this message completes; valid until the next call. */
  accept(subject: string, payload: Uint8Array, signature: string | undefined): SoundBlock[] {
    const nowSeconds = this.#options.monotonicSeconds();
    if (!this.#gate.isOpen(nowSeconds)) return this.#drop('flood', nowSeconds);
    try {
      return this.#take(subject, payload, signature, nowSeconds);
    } finally {
      reader.wipe();
    }
  }

  #take(
    subject: string,
    payload: Uint8Array,
    signature: string | undefined,
    nowSeconds: number,
  ): SoundBlock[] {
    const frame = reader.read(payload);
    if (typeof frame === 'string') {
      this.#gate.spend();
      return this.#drop(frame, nowSeconds);
    }
    const seconds = frame.samplesPerChannel / frame.sampleRateHz;
    this.#gate.spend(seconds);
    const forged = this.#keys.length > 0 && this.#refusal(frame, subject, payload, signature);
    if (forged) return this.#drop(forged, nowSeconds);
    this.#state.bytes(nowSeconds);
    this.#options.counters.frame(this.#pole.pole, seconds, frame.clockUncertaintySeconds);
    if (distance(frame.startNanos, this.#options.nowNanos()) > CLOCK_FAR_NANOS) {
      this.#options.counters.feedEvent(this.#pole.pole, 'clock_far');
    }
    return this.#continuity.accept(this.#stretch(frame));
  }

  /** Call it a few times a second. A pole that sends, but nothing usable, has failed; one that sends nothing stalled. */
  tick(): void {
    const nowSeconds = this.#options.monotonicSeconds();
    const fault = this.#fault;
    if (fault && this.#state.isQuiet(nowSeconds) && nowSeconds - fault.atSeconds < STALL_SECONDS) {
      this.#state.fail(`what it sends is dropped: ${fault.reason}`);
    } else {
      this.#state.tick(nowSeconds);
    }
  }

  /** The source itself failed, and says why; its next bytes make it live again. */
  fail(reason: string): void {
    this.#state.fail(reason);
  }

  /** Forgets all sound held. */
  wipe(): void {
    this.#continuity.wipe();
    this.#continuity = new Continuity(this.#pole.pole, this.#options.counters);
    this.#mono.fill(0);
  }

  #refusal(
    frame: Frame,
    subject: string,
    payload: Uint8Array,
    signature: string | undefined,
  ): LiveDropReason | undefined {
    if (!this.#keys.some((key) => isSignedBy(key, subject, payload, signature))) return 'bad_signature';
    if (distance(frame.startNanos, this.#options.nowNanos()) > FRESH_NANOS) return 'stale';
    if (frame.startNanos < this.#oldestSigned) return 'stale';
    if (frame.startNanos <= this.#newestSigned) return 'replayed';
    this.#newestSigned = frame.startNanos;
    return undefined;
  }

  #drop(reason: LiveDropReason, atSeconds: number): SoundBlock[] {
    this.#fault = { reason, atSeconds };
    this.#options.counters.frameDropped(this.#pole.pole, reason);
    return [];
  }

  #stretch(frame: Frame): Stretch {
    if (this.#mono.length < frame.samplesPerChannel) this.#mono = new Float32Array(frame.samplesPerChannel);
    // Microphones that stand apart must not be averaged: that smears onsets and combs the spectrum.
    const apart = hasMicrophones(this.#pole, frame.channels);
    return {
      startNanos: frame.startNanos,
      clockUncertaintySeconds: frame.clockUncertaintySeconds,
      sampleRateHz: frame.sampleRateHz,
      channelCount: frame.channels,
      sequence: frame.sequence,
      discontinuity: frame.discontinuity,
      mono: apart ? channelOf(frame, 0, this.#mono) : mixToMono(frame, this.#mono),
      channels: apart ? Array.from({ length: frame.channels }, (_, c) => channelOf(frame, c)) : undefined,
    };
  }
}

function distance(a: Nanos, b: Nanos): Nanos {
  return a > b ? a - b : b - a;
}
