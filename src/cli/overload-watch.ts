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
  readonly #late: number[] = [];
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

  /** Whether this block is too old to be heard now. */
  isTooOld(pole: string, { startNanos, samples }: SoundBlock): boolean {
    const end = secondsBetween(0n, startNanos) + samples.length / LISTEN_RATE_HZ;
    const late = this.#lateness.of(pole, end, seconds());
    this.#late.push(late);
    if (this.state !== 'dropping' || late <= OLD_SECONDS) return false;
    this.shed('old_frames');
    return true;
  }

  /** The pole is another process's: its next sound may be what was kept while that one died, and is not late by it. */
  forget(pole: string): void {
    this.#lateness.forget(pole);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = seconds();
    // Between two beats of the grid nothing waits for most of a second: that is no queue of that age.
    if (this.#classifier.waiting === 0) this.#scoredSeconds = now;
    const idle = now - this.#scoredSeconds;
    // One feed may be late by its own network; where most are, it is this process.
    const late = this.#late.sort((a, b) => a - b)[this.#late.length >> 2] ?? 0;
    const before = this.state;
    const state = this.#overload.observe(Math.max(this.#longestWait, idle, late), now);
    this.#late.length = 0;
    this.#longestWait = 0;
    if (state === before) return;
    this.#metrics.overload(state);
    this.#log.warn({ overload: state, before }, 'short of processor time: what is looked at was changed');
  }
}

function seconds(): number {
  return performance.now() / 1000;
}
