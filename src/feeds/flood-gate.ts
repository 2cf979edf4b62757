/** So much faster than real time may a pole send for long: a network that held frames back lets them all go at once. */
const SPEED = 4;
/** Seconds of sound that may come at once. */
const BURST_SECONDS = 15;
/** What a frame costs however short it is, so that a flood of tiny or garbled ones is one too. */
const MIN_COST_SECONDS = 0.0025;

/** Token bucket over seconds of sound. Reads no clock: `nowSeconds` is monotonic and handed in. */
export class FloodGate {
  #left = BURST_SECONDS;
  #atSeconds = -Infinity;

  /** Whether the pole may send at all now; asked before any work is done. */
  isOpen(nowSeconds: number): boolean {
    const passed = Math.max(0, nowSeconds - this.#atSeconds);
    this.#left = Math.min(BURST_SECONDS, this.#left + passed * SPEED);
    this.#atSeconds = nowSeconds;
    return this.#left > 0;
  }

  spend(seconds = 0): void {
    this.#left -= Math.max(MIN_COST_SECONDS, seconds);
  }
}
