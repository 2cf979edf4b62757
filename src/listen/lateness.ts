/** The pole's clock may gain on ours by this: a thousand times what a bad one does. */
const DRIFT_SECONDS_PER_SECOND = 0.001;
/** A step by more is a clock that was set, not a queue. */
const STEP_SECONDS = 30;

/**
 * How long sound has waited on its way to us, feed by feed: the delay of its frames over the least delay that feed has
 * shown. So neither the pole's clock nor ours need be right. Pure.
 */
export class Lateness {
  readonly #least = new Map<string, { offset: number; atSeconds: number }>();

  /** `endSeconds`: when the block's last sample was heard, by the pole; `nowSeconds`: monotonic. Gives seconds, from 0. */
  of(pole: string, endSeconds: number, nowSeconds: number): number {
    const offset = nowSeconds - endSeconds;
    const known = this.#least.get(pole);
    const least = known && known.offset + (nowSeconds - known.atSeconds) * DRIFT_SECONDS_PER_SECOND;
    if (least === undefined || offset < least || offset - least > STEP_SECONDS) {
      this.#least.set(pole, { offset, atSeconds: nowSeconds });
      return 0;
    }
    return offset - least;
  }

  forget(pole: string): void {
    this.#least.delete(pole);
  }
}
