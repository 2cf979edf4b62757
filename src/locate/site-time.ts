import { secondsToNanos, type Nanos } from '../audio/index.js';

/** A pole that is so far ahead of or behind the others has a wrong clock. */
const APART_NANOS = secondsToNanos(5);
/** The slowest pole holds the site back at most this long behind the median. */
const BEHIND_MEDIAN_NANOS = secondsToNanos(2);

/** Marks that the wait for first reports is over. */
const RELEASED: Nanos = -(2n ** 62n);

interface PoleTime {
  live: boolean;
  throughNanos?: Nanos;
}

/**
 * Site time: how far the sound of all live poles has been decided. It never runs backwards. Pure: whoever drives it
 * says which poles are live (no bytes for 2 s: not live) and, when all are silent, what a monotonic clock reads.
 */
export class SiteTime {
  readonly #poles = new Map<string, PoleTime>();
  #now: Nanos | undefined;
  /** The monotonic reading at the last time that a live pole moved the site on. */
  #movedAt: Nanos | undefined;
  #movedTo: Nanos | undefined;
  #setAside = new Set<string>();
  #waitingSince: Nanos | undefined;

  /** A pole of the site that has a feed; until it is live it holds nothing back. */
  expect(pole: string): void {
    if (!this.#poles.has(pole)) this.#poles.set(pole, { live: false });
  }

  setLive(pole: string, live: boolean): void {
    this.expect(pole);
    const known = this.#poles.get(pole)!;
    known.live = live;
  }

  /** Every arrival of this pole before `throughNanos` has been reported. */
  report(pole: string, throughNanos: Nanos): void {
    this.expect(pole);
    const known = this.#poles.get(pole)!;
    // A clock that steps back is still the pole's time: the medians judge it.
    known.throughNanos = throughNanos;
  }

  /** How far a pole has been decided; undefined before its first report. */
  throughOf(pole: string): Nanos | undefined {
    return this.#poles.get(pole)?.throughNanos;
  }

  /** Poles set apart as `clock`: more than 5 s off the median of the live ones. */
  get setAside(): readonly string[] {
    return [...this.#setAside].sort();
  }

  /**
   * Site time now; undefined before any pole has reported. `monotonicNanos`: any monotonic clock's reading, for live
   * sites only; where no pole is live, site time goes on with it.
   */
  now(monotonicNanos?: Nanos): Nanos | undefined {
    const live = [...this.#poles].flatMap(([pole, { live, throughNanos }]) =>
      live && throughNanos !== undefined ? [{ pole, throughNanos }] : [],
    );
    if (this.#awaitsFirstReport(live.length, monotonicNanos)) return this.#now;
    let target: Nanos | undefined;
    if (live.length > 0) {
      const median = middle(live.map(({ throughNanos }) => throughNanos));
      this.#setAside = new Set(
        live
          .filter(({ throughNanos }) => distance(throughNanos, median) > APART_NANOS)
          .map(({ pole }) => pole),
      );
      const good = live.filter(({ pole }) => !this.#setAside.has(pole));
      const slowest = good.reduce((a, b) => (b.throughNanos < a.throughNanos ? b : a)).throughNanos;
      const floor = median - BEHIND_MEDIAN_NANOS;
      target = slowest > floor ? slowest : floor;
      if (monotonicNanos !== undefined && (this.#movedTo === undefined || target !== this.#movedTo)) {
        this.#movedTo = target;
        this.#movedAt = monotonicNanos;
      }
    } else if (this.#now !== undefined && monotonicNanos !== undefined) {
      this.#movedAt ??= monotonicNanos;
      this.#movedTo ??= this.#now;
      target = this.#movedTo + (monotonicNanos - this.#movedAt);
    }
    if (target !== undefined && (this.#now === undefined || target > this.#now)) this.#now = target;
    return this.#now;
  }

  /** At the start, before all live poles have reported once, nobody runs ahead; a live site waits 2 s for them. */
  #awaitsFirstReport(reported: number, monotonicNanos: Nanos | undefined): boolean {
    const silent = [...this.#poles.values()].some(
      ({ live, throughNanos }) => live && throughNanos === undefined,
    );
    if (!silent || reported === 0) {
      this.#waitingSince = undefined;
      return false;
    }
    if (monotonicNanos === undefined) return this.#waitingSince !== RELEASED;
    if (this.#waitingSince === RELEASED) return false;
    this.#waitingSince ??= monotonicNanos;
    if (monotonicNanos - this.#waitingSince < BEHIND_MEDIAN_NANOS) return true;
    this.#waitingSince = RELEASED;
    return false;
  }
}

/** The lower of the two middle ones where the number is even: a site of two poles waits for the slower one. */
function middle(times: readonly Nanos[]): Nanos {
  const sorted = [...times].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return sorted[(sorted.length - 1) >> 1];
}

function distance(a: Nanos, b: Nanos): Nanos {
  return a > b ? a - b : b - a;
}
