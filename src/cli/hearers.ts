/** Which processes hear which pole: a pole is live while any of them hears it live. Pure. */
export class Hearers {
  readonly #liveBy = new Map<string, Set<string>>();
  readonly #onLive: (pole: string, live: boolean) => void;

  constructor(onLive: (pole: string, live: boolean) => void) {
    this.#onLive = onLive;
  }

  set(listener: string, pole: string, live: boolean): void {
    const by = this.#liveBy.get(pole) ?? new Set<string>();
    this.#liveBy.set(pole, by);
    const before = by.size > 0;
    if (live) by.add(listener);
    else by.delete(listener);
    // Said again while it is so: a pole that was live and stayed silent is told of once only.
    if (by.size > 0 !== before) this.#onLive(pole, by.size > 0);
  }

  /** The listener is gone or silent. */
  silent(listener: string): void {
    for (const pole of this.#liveBy.keys()) this.set(listener, pole, false);
  }
}
