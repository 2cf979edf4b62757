import type { FeedState } from './feed.js';

/** Without bytes for so long, a live feed counts as stalled. */
export const STALL_SECONDS = 2;

/** `bytes`: any bytes of the source, frames or garbage. `quiet`: none for 2 s. `fault`: it cannot go on by itself. */
export type SourceEvent = 'bytes' | 'quiet' | 'fault';

/** The one table of what a feed's state becomes. A pole that never sent anything is waiting, not stalled. */
export const TRANSITIONS: Readonly<Record<FeedState, Readonly<Record<SourceEvent, FeedState>>>> = {
  waiting: { bytes: 'live', quiet: 'waiting', fault: 'failed' },
  live: { bytes: 'live', quiet: 'stalled', fault: 'failed' },
  stalled: { bytes: 'live', quiet: 'stalled', fault: 'failed' },
  failed: { bytes: 'live', quiet: 'failed', fault: 'failed' },
};

/**
 * The state of one source, on bytes received. Reads no clock: `nowSeconds` is monotonic and handed in.
 * `onChange` is called once a change, and not for `waiting` at the start.
 */
export class SourceState {
  #state: FeedState = 'waiting';
  #lastBytesSeconds = -Infinity;
  readonly #onChange: (state: FeedState, reason?: string) => void;

  constructor(onChange: (state: FeedState, reason?: string) => void) {
    this.#onChange = onChange;
  }

  get state(): FeedState {
    return this.#state;
  }

  bytes(nowSeconds: number): void {
    this.#lastBytesSeconds = nowSeconds;
    this.#apply('bytes');
  }

  isQuiet(nowSeconds: number): boolean {
    return nowSeconds - this.#lastBytesSeconds >= STALL_SECONDS;
  }

  /** Call it a few times a second. */
  tick(nowSeconds: number): void {
    if (this.isQuiet(nowSeconds)) this.#apply('quiet', `no bytes for ${STALL_SECONDS} s`);
  }

  fail(reason: string): void {
    this.#apply('fault', reason);
  }

  #apply(event: SourceEvent, reason?: string): void {
    const next = TRANSITIONS[this.#state][event];
    if (next === this.#state) return;
    this.#state = next;
    this.#onChange(next, reason);
  }
}
