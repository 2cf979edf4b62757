const MINUTE_MILLIS = 60_000;

/**
 * Counts that are told by the minute. What sound decides, such as each impulse that stands out, would tell syllables and
 * so words apart if it were read every second.
 */
export class Minutely<L extends object> {
  readonly #counts = new Map<string, { labels: L; count: number }>();
  #minute: number | undefined;

  add(labels: L, nowMillis: number, count = 1): void {
    this.#minute ??= Math.floor(nowMillis / MINUTE_MILLIS);
    const key = JSON.stringify(labels);
    const known = this.#counts.get(key);
    if (known) known.count += count;
    else this.#counts.set(key, { labels, count });
  }

  /** Hands over what has come together, once a minute has ended since. */
  tell(nowMillis: number, to: (labels: L, count: number) => void): void {
    const minute = Math.floor(nowMillis / MINUTE_MILLIS);
    if (this.#minute === undefined || this.#minute === minute) return;
    this.#minute = undefined;
    for (const { labels, count } of this.#counts.values()) to(labels, count);
    this.#counts.clear();
  }
}
