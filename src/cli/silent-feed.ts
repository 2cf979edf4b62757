import type { FeedListener, FeedState, SoundBlock } from '../feeds/index.js';
import type { Silence, SilenceReason } from '../privacy/index.js';

const IN_WORDS: Record<SilenceReason, string> = {
  kill_switch: 'the kill switch is off',
  hours: 'outside the hours of operation',
  mute_zone: 'in a mute zone',
  unknown: 'it cannot be decided whether it may be heard',
};

/**
 * Stands between the feeds and the pipeline: where a pole may not be heard its sound goes no further, and what is held
 * of it is wiped as at a feed's end. Sound after a silence begins afresh.
 */
export class SilentFeed implements FeedListener {
  readonly #inner: FeedListener;
  readonly #silence: Silence;
  readonly #exercise: boolean;
  readonly #now: () => number;
  readonly #states = new Map<string, FeedState>();
  readonly #silent = new Map<string, SilenceReason>();
  readonly #afresh = new Set<string>();

  constructor(inner: FeedListener, silence: Silence, exercise: boolean, now: () => number = Date.now) {
    this.#inner = inner;
    this.#silence = silence;
    this.#exercise = exercise;
    this.#now = now;
  }

  onBlock(pole: string, block: SoundBlock): void | Promise<void> {
    if (this.#check(pole)) return;
    const afterBreak = this.#afresh.delete(pole) || block.afterBreak;
    return this.#inner.onBlock(pole, afterBreak === block.afterBreak ? block : { ...block, afterBreak });
  }

  onState(pole: string, state: FeedState, reason?: string): void {
    this.#states.set(pole, state);
    if (!this.#check(pole)) this.#inner.onState(pole, state, reason);
  }

  onEnd(pole: string): void | Promise<void> {
    this.#states.delete(pole);
    return this.#inner.onEnd(pole);
  }

  /** A few times a second: a silence begins even where no sound comes that would meet it. */
  tick(): void {
    for (const pole of this.#states.keys()) this.#check(pole);
  }

  /** Whether the pole is silent now; tells the pipeline where that has changed. */
  #check(pole: string): boolean {
    const reason = this.#silence.ofPole(pole, this.#now(), this.#exercise);
    const before = this.#silent.get(pole);
    if (reason === before) return reason !== undefined;
    if (reason) {
      this.#silent.set(pole, reason);
      this.#inner.onState(pole, 'waiting', IN_WORDS[reason]);
    } else {
      this.#silent.delete(pole);
      this.#afresh.add(pole);
      const state = this.#states.get(pole);
      if (state) this.#inner.onState(pole, state);
    }
    return reason !== undefined;
  }
}
