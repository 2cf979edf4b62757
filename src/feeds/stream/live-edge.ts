const WINDOW_SECONDS = 0.3;
/** Sound that comes faster than this much of real time was kept by somebody, and is old. */
const LIVE_SPEED = 2;
/** One quiet window may be a pause in the burst: a busy machine decodes it in pieces. */
const WINDOWS = 3;
const LONGEST_SECONDS = 5;

/**
 * Where a stream becomes live: servers such as Icecast send a new listener seconds of old sound at once, and ffmpeg
 * what it looked at to know the codec. Taken as new, those would put every time seconds ahead. Pure.
 */
export class LiveEdge {
  #begin: number | undefined;
  #windowStart = 0;
  #windowMedia = 0;
  #liveWindows = 0;
  #reached = false;

  /** Whether sound of `soundSeconds` that came at `nowSeconds` (monotonic) is live; once it is, all that follows is. */
  isLive(nowSeconds: number, soundSeconds: number): boolean {
    if (this.#reached) return true;
    if (this.#begin === undefined) {
      this.#begin = this.#windowStart = nowSeconds;
      return false;
    }
    this.#windowMedia += soundSeconds;
    const passed = nowSeconds - this.#windowStart;
    if (passed < WINDOW_SECONDS) return false;
    const isLive = this.#windowMedia > 0 && this.#windowMedia <= passed * LIVE_SPEED;
    this.#liveWindows = isLive ? this.#liveWindows + 1 : 0;
    this.#reached = this.#liveWindows >= WINDOWS || nowSeconds - this.#begin >= LONGEST_SECONDS;
    this.#windowStart = nowSeconds;
    this.#windowMedia = 0;
    return this.#reached;
  }
}
