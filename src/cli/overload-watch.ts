import { secondsBetween } from '../audio/index.js';
import type { SoundBlock } from '../feeds/index.js';
import {
  Lateness,
  LISTEN_RATE_HZ,
  Overload,
  type Classifier,
  type OverloadState,
  type ShedReason,
} from '../listen/index.js';
import type { Logger, Metrics } from '../telemetry/index.js';

const LOOK_MILLIS = 250;
/** Sound that waited longer is let go where nothing else helps: the newest is worth more. */
const OLD_SECONDS = 1;

/** Measures how long sound waits in this process, and says what to give up while it waits too long. Live sound only. */
export class OverloadWatch {
  readonly #overload = new Overload();
  readonly #lateness = new Lateness();
  readonly #classifier: Classifier;
  readonly #metrics: Metrics;
  readonly #log: Logger;
  readonly #timer: NodeJS.Timeout;
  #longestWait = 0;
  #scoredSeconds = seconds();

  constructor(classifier: Classifier, metrics: Metrics, log: Logger) {
    this.#classifier = classifier;
    this.#metrics = metrics;
    this.#log = log;
    metrics.overload('normal');
    this.#timer = setInterval(() => this.#look(), LOOK_MILLIS);
    this.#timer.unref();
  }

  get state(): OverloadState {
    return this.#overload.state;
  }

  readonly shed = (reason: ShedReason): void => this.#metrics.shed(reason);

  /** A patch was scored after so long. */
  scored(waitSeconds: number): void {
    this.#longestWait = Math.max(this.#longestWait, waitSeconds);
    this.#scoredSeconds = seconds();
  }

  /** Whether this block is too old to be heard now. `feed`: of a pole, or of an exercise in its name. */
  isTooOld(feed: string, { startNanos, samples }: SoundBlock): boolean {
    const start = secondsBetween(0n, startNanos);
    const late = this.#lateness.of(feed, start, start + samples.length / LISTEN_RATE_HZ, seconds());
    if (this.state !== 'dropping' || late <= OLD_SECONDS) return false;
    this.shed('old_frames');
    return true;
  }

  /** The feed is another process's: its next sound may be what was kept while that one died, and is not late by it. */
  forget(feed: string): void {
    this.#lateness.forget(feed);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = seconds();
    // Between two beats of the grid nothing waits for most of a second: that is no queue of that age.
    if (this.#classifier.waiting === 0) this.#scoredSeconds = now;
    const idle = now - this.#scoredSeconds;
    const before = this.state;
    const state = this.#overload.observe(Math.max(this.#longestWait, idle, this.#lateness.ofMost()), now);
    this.#longestWait = 0;
    if (state === before) return;
    this.#metrics.overload(state);
    this.#log.warn({ overload: state, before }, 'short of processor time: what is looked at was changed');
  }
}

function seconds(): number {
  return performance.now() / 1000;
}
