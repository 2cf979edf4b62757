/** The pole's clock may gain on ours by this: a thousand times what a bad one does. */
const DRIFT_SECONDS_PER_SECOND = 0.001;
/** A step by more is a clock that was set, not a queue. */
const STEP_SECONDS = 30;
/** Sound from so long before what came last: a clock that was set back. Stamps jitter by less. */
const BACK_SECONDS = 0.1;

interface Delay {
  /** The least that the feed has shown, and when. */
  offset: number;
  atSeconds: number;
  /** Where its last block ended, by the pole. */
  endSeconds: number;
}

/**
 * How long sound has waited on its way to us, feed by feed: the delay of its frames over the least delay that feed has
 * shown. So neither the pole's clock nor ours need be right, nor go on as it did: all of a site's are set back together
 * by a leap second, or by the time server that they share. Pure.
 */
export class Lateness {
  readonly #delays = new Map<string, Delay>();
  readonly #latest = new Map<string, number>();

  /** From when to when a block was heard, by the pole; `nowSeconds`: monotonic. Gives seconds, from 0. */
  of(feed: string, startSeconds: number, endSeconds: number, nowSeconds: number): number {
    const offset = nowSeconds - endSeconds;
    const known = this.#delays.get(feed);
    const least = known && known.offset + (nowSeconds - known.atSeconds) * DRIFT_SECONDS_PER_SECOND;
    const setBack = known !== undefined && startSeconds < known.endSeconds - BACK_SECONDS;
    const anew = least === undefined || setBack || offset < least || offset - least > STEP_SECONDS;
    if (anew) this.#delays.set(feed, { offset, atSeconds: nowSeconds, endSeconds });
    else known!.endSeconds = endSeconds;
    const late = anew ? 0 : offset - least;
    this.#latest.set(feed, late);
    return late;
  }

  /**
   * What three in four of the feeds heard since the last call are late by, at least. One feed may be late by its own
   * network, however many frames it sends; where most are, it is this process.
   */
  ofMost(): number {
    const late = [...this.#latest.values()].sort((a, b) => a - b);
    this.#latest.clear();
    return late[late.length >> 2] ?? 0;
  }

  forget(feed: string): void {
    this.#delays.delete(feed);
    this.#latest.delete(feed);
  }
}
