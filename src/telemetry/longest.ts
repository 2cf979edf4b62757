const SECOND_MILLIS = 1_000;

/**
 * One observation a second: the longest duration of it. How often sound made the model be asked would tell syllables and
 * so words apart; the longest wait is the one that operations look at.
 */
export class LongestBySecond {
  #second: number | undefined;
  #longest = 0;

  /** Hands over the second that is past, once one of a later second comes. */
  add(seconds: number, nowMillis: number, observe: (seconds: number) => void): void {
    const second = Math.floor(nowMillis / SECOND_MILLIS);
    if (this.#second !== second) {
      if (this.#second !== undefined) observe(this.#longest);
      this.#second = second;
      this.#longest = 0;
    }
    this.#longest = Math.max(this.#longest, seconds);
  }
}
