import { secondsBetween, secondsToNanos, type Nanos } from '../../audio/index.js';

/** Never more than this share of the passing time is the clock turned, so that stamps neither jump nor run backwards. */
const FORWARD_TURN = 0.01;
const BACKWARD_TURN = 0.1;
/** Off by more than this, it is set anew: the stream lost or repeated sound. */
const STEP_SECONDS = 1;
/** Over so long the promptest packet tells where the stream really stands; the others waited on their way. */
const WINDOW_SECONDS = 10;

/**
 * UTC of a stream that tells no capture time, from when its packets come. A packet can be late but not early, so the
 * clock holds to the promptest ones. Its times are good enough to hear by, and never to locate by: how long sound was
 * on its way is unknown. Pure: the clock is handed in.
 */
export class ArrivalClock {
  #anchor: { mediaSeconds: number; nanos: Nanos } | undefined;
  /** Since the anchor: how far the stream's time line lies behind ours, at the end of the newest packet and before it. */
  #offsetSeconds = 0;
  #offsetSecondsBefore = 0;
  #newestPacketSeconds = 0;
  #newestMediaSeconds = 0;
  #windowStart = 0;
  #windowLeast = Infinity;
  #windowLeastBefore = Infinity;

  /** A packet that ends at `mediaSeconds` came in at `nowNanos`. True: the clock had to be set, times are not continuous. */
  arrived(mediaSeconds: number, nowNanos: Nanos): boolean {
    const anchor = this.#anchor;
    if (!anchor) return this.#set(mediaSeconds, nowNanos);
    const lateSeconds = secondsBetween(anchor.nanos, nowNanos) - (mediaSeconds - anchor.mediaSeconds);
    const passedSeconds = Math.max(0, mediaSeconds - this.#newestMediaSeconds);
    this.#newestMediaSeconds = mediaSeconds;
    this.#newestPacketSeconds = passedSeconds;
    this.#offsetSecondsBefore = this.#offsetSeconds;
    if (mediaSeconds - this.#windowStart > WINDOW_SECONDS) {
      this.#windowStart = mediaSeconds;
      this.#windowLeastBefore = this.#windowLeast;
      this.#windowLeast = Infinity;
    }
    this.#windowLeast = Math.min(this.#windowLeast, lateSeconds);
    const full = this.#windowLeastBefore !== Infinity;
    const target = full ? Math.min(this.#windowLeast, this.#windowLeastBefore) : this.#windowLeast;
    const error = target - this.#offsetSeconds;
    if (error < -STEP_SECONDS || (error > STEP_SECONDS && full)) return this.#set(mediaSeconds, nowNanos);
    if (error < 0) this.#offsetSeconds += Math.max(error, -BACKWARD_TURN * passedSeconds);
    else if (full) this.#offsetSeconds += Math.min(error, FORWARD_TURN * passedSeconds);
    return false;
  }

  /** UTC of a moment of the stream; only after something arrived. */
  nanosOf(mediaSeconds: number): Nanos {
    const anchor = this.#anchor;
    if (!anchor) throw new Error('nothing has arrived yet');
    return anchor.nanos + secondsToNanos(mediaSeconds - anchor.mediaSeconds + this.#offsetAt(mediaSeconds));
  }

  /** Turned evenly over the newest packet: a busy machine's pipe gives a third of a second at once. */
  #offsetAt(mediaSeconds: number): number {
    const untilEnd = Math.max(0, this.#newestMediaSeconds - mediaSeconds);
    const before = this.#newestPacketSeconds > 0 ? Math.min(1, untilEnd / this.#newestPacketSeconds) : 0;
    return this.#offsetSeconds + before * (this.#offsetSecondsBefore - this.#offsetSeconds);
  }

  #set(mediaSeconds: number, nanos: Nanos): boolean {
    this.#anchor = { mediaSeconds, nanos };
    this.#offsetSeconds = 0;
    this.#offsetSecondsBefore = 0;
    this.#newestPacketSeconds = 0;
    this.#newestMediaSeconds = mediaSeconds;
    this.#windowStart = mediaSeconds;
    this.#windowLeast = Infinity;
    this.#windowLeastBefore = Infinity;
    return true;
  }
}
