/** A lease that was not renewed for so long is over. */
export const LEASE_SECONDS = 3;
/**
 * A process that has missed a renewal by so much may be dead: who stands by for its poles hears them from then on. Where it
 * lives after all, two hear them for a moment, and what both tell is known for one.
 */
export const SUSPECT_SECONDS = 2;

/** A key as it was read: its revision changes with every renewal. */
export interface LeaseEntry<T> {
  key: string;
  revision: number;
  value: T;
}

interface Seen<T> extends LeaseEntry<T> {
  sinceSeconds: number;
  /** Of the last renewal that was seen as it was made, or read. */
  beatSeconds: number;
}

/**
 * Which leases live, by this process's own monotonic clock: one is over once its revision has stood still for as long as
 * a lease lasts, whatever any other clock says. Pure: told what is there, and when.
 */
export class LeaseBook<T> {
  readonly #seen = new Map<string, Seen<T>>();
  #blindUntil = -Infinity;

  /** Nothing could be read for a while: as little could anyone renew. All that lived gets a lease's time to come back. */
  forgive(nowSeconds: number): void {
    for (const seen of this.#seen.values()) seen.sinceSeconds = seen.beatSeconds = nowSeconds;
    this.#blindUntil = nowSeconds + LEASE_SECONDS;
  }

  /** What lies there now. A key that is gone was given back, or ran out. */
  observe(entries: readonly LeaseEntry<T>[], nowSeconds: number): void {
    const there = new Set(entries.map(({ key }) => key));
    if (nowSeconds >= this.#blindUntil)
      for (const key of this.#seen.keys()) if (!there.has(key)) this.#seen.delete(key);
    for (const entry of entries) {
      const known = this.#seen.get(entry.key);
      if (known?.revision === entry.revision) continue;
      this.#seen.set(entry.key, { ...entry, sinceSeconds: nowSeconds, beatSeconds: nowSeconds });
    }
  }

  /** A renewal of this key was seen, whatever it says. */
  beat(key: string, nowSeconds: number): void {
    const seen = this.#seen.get(key);
    if (seen) seen.beatSeconds = nowSeconds;
  }

  /** Keys of the leases that live and were not renewed in time. */
  suspects(nowSeconds: number): string[] {
    return this.living(nowSeconds)
      .filter(({ key }) => nowSeconds - this.#seen.get(key)!.beatSeconds >= SUSPECT_SECONDS)
      .map(({ key }) => key);
  }

  /** The leases that are not over, by key. */
  living(nowSeconds: number): LeaseEntry<T>[] {
    return [...this.#seen.values()]
      .filter(({ sinceSeconds }) => nowSeconds - sinceSeconds < LEASE_SECONDS)
      .sort((a, b) => (a.key < b.key ? -1 : 1));
  }
}
