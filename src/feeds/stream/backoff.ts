const FIRST_SECONDS = 0.5;
const LONGEST_SECONDS = 30;
/** A connection that held for so long was a good one: the next trouble starts from the shortest wait. */
export const GOOD_AFTER_SECONDS = 10;

/**
 * How long to wait before the next try: doubles from half a second to 30 s, of which a random half is left out, so that
 * the streams of a server that comes back do not all come at once. `random`: in [0, 1).
 */
export class Backoff {
  readonly #longestSeconds: number;
  readonly #random: () => number;
  #seconds = FIRST_SECONDS;

  constructor(longestSeconds = LONGEST_SECONDS, random: () => number = Math.random) {
    this.#longestSeconds = longestSeconds;
    this.#random = random;
  }

  /** `heldSeconds`: how long the connection that ended now had brought sound; 0 where it never did. */
  nextSeconds(heldSeconds: number): number {
    if (heldSeconds >= GOOD_AFTER_SECONDS) this.#seconds = FIRST_SECONDS;
    const wait = this.#seconds * (0.5 + this.#random() / 2);
    this.#seconds = Math.min(this.#longestSeconds, this.#seconds * 2);
    return wait;
  }
}
