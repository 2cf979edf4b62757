import { secondsToNanos, type Nanos } from '../audio/index.js';
import { TICK_NANOS } from './ticks.js';

/** A pole that is so far ahead of or behind the others has a wrong clock. */
const APART_NANOS = secondsToNanos(5);
/** The slowest pole holds the site back at most this long behind the median. */
const BEHIND_MEDIAN_NANOS = secondsToNanos(2);

/**
 * Where most poles are so far behind site time, and stay so, their clocks were set back (a time server that was wrong, a
 * lone pole that had forgotten the date): waiting until they catch up would be silence for as long.
 */
const SET_BACK_NANOS = secondsToNanos(10);
/** A pole that comes back counts at first by what it told last, which may be old. */
const SET_BACK_FOR_NANOS = secondsToNanos(2);

/** Marks that the wait for first reports is over. */
const RELEASED: Nanos = -(2n ** 62n);

interface PoleTime {
  pole: string;
  live: boolean;
  throughNanos?: Nanos;
}

type Reported = PoleTime & { throughNanos: Nanos };

/**
 * Site time: how far the sound of all live poles has been decided. It never runs backwards, but where the clocks of most
 * live poles were set back. Pure: whoever drives it says which poles are live (no bytes for 2 s: not live) and, when all
 * are silent, what a monotonic clock reads.
 */
export class SiteTime {
  readonly #poles = new Map<string, PoleTime>();
  #now: Nanos | undefined;
  /** The monotonic reading at the last time that a live pole moved the site on. */
  #movedAt: Nanos | undefined;
  #movedTo: Nanos | undefined;
  /** The monotonic reading since which the poles are far behind. */
  #behindSince: Nanos | undefined;
  #setAside = new Set<string>();
  /** Until this pole reports, no tick of the locator can be due; undefined where any report may bring one. */
  #waitsFor: string | undefined;
  #waitingSince: Nanos | undefined;

  /** A pole of the site that has a feed; until it is live it holds nothing back. */
  expect(pole: string): void {
    this.#timeOf(pole);
  }

  setLive(pole: string, live: boolean): void {
    this.#timeOf(pole).live = live;
    this.#waitsFor = undefined;
  }

  /**
   * Every arrival of this pole before `throughNanos` has been reported. False where that cannot have brought site time
   * to the locator's next tick: of a thousand poles nearly always, and then nobody need ask for `now`.
   */
  report(pole: string, throughNanos: Nanos): boolean {
    // A clock that steps back is still the pole's time: the medians judge it.
    this.#timeOf(pole).throughNanos = throughNanos;
    return this.#waitsFor === undefined || this.#waitsFor === pole;
  }

  /** How far a pole has been decided; undefined before its first report. */
  throughOf(pole: string): Nanos | undefined {
    return this.#poles.get(pole)?.throughNanos;
  }

  /** Poles set apart as `clock`: more than 5 s off the median of the live ones. */
  get setAside(): readonly string[] {
    return [...this.#setAside].sort();
  }

  /** What `now` gave last. */
  get last(): Nanos | undefined {
    return this.#now;
  }

  /**
   * Site time now; undefined before any pole has reported. `monotonicNanos`: any monotonic clock's reading, for live
   * sites only; where no pole is live, site time goes on with it.
   */
  now(monotonicNanos?: Nanos): Nanos | undefined {
    const live: Reported[] = [];
    for (const one of this.#poles.values())
      if (one.live && one.throughNanos !== undefined) live.push(one as Reported);
    this.#waitsFor = undefined;
    if (this.#awaitsFirstReport(live.length, monotonicNanos)) return this.#now;
    let target: Nanos | undefined;
    if (live.length > 0) {
      const median = middle(live);
      this.#setAside.clear();
      let slowest: Reported | undefined;
      for (const one of live) {
        if (distance(one.throughNanos, median.throughNanos) > APART_NANOS) this.#setAside.add(one.pole);
        else if (!slowest || one.throughNanos < slowest.throughNanos) slowest = one;
      }
      const floor = median.throughNanos - BEHIND_MEDIAN_NANOS;
      const held = slowest !== undefined && slowest.throughNanos > floor;
      target = held ? slowest!.throughNanos : floor;
      this.#waitsFor = held
        ? this.#lastBefore(target - (target % TICK_NANOS) + TICK_NANOS, live)
        : median.pole;
      if (monotonicNanos !== undefined && (this.#movedTo === undefined || target !== this.#movedTo)) {
        this.#movedTo = target;
        this.#movedAt = monotonicNanos;
      }
    } else if (this.#now !== undefined && monotonicNanos !== undefined) {
      this.#movedAt ??= monotonicNanos;
      this.#movedTo ??= this.#now;
      target = this.#movedTo + (monotonicNanos - this.#movedAt);
    }
    if (target === undefined) return this.#now;
    if (this.#now === undefined || target > this.#now || this.#isSetBack(target, monotonicNanos))
      this.#now = target;
    return this.#now;
  }

  #isSetBack(target: Nanos, monotonicNanos: Nanos | undefined): boolean {
    if (monotonicNanos === undefined) return false;
    if (this.#now === undefined || target >= this.#now - SET_BACK_NANOS) this.#behindSince = undefined;
    else this.#behindSince ??= monotonicNanos;
    const since = this.#behindSince;
    if (since === undefined || monotonicNanos - since < SET_BACK_FOR_NANOS) return false;
    this.#behindSince = undefined;
    return true;
  }

  #timeOf(pole: string): PoleTime {
    let known = this.#poles.get(pole);
    if (!known) this.#poles.set(pole, (known = { pole, live: false }));
    return known;
  }

  /** Of the poles that must pass `boundary` first, the one that most likely reports last: senders keep their order. */
  #lastBefore(boundary: Nanos, live: readonly Reported[]): string | undefined {
    return live.findLast(({ pole, throughNanos }) => throughNanos < boundary && !this.#setAside.has(pole))
      ?.pole;
  }

  #someSilent(): boolean {
    for (const { live, throughNanos } of this.#poles.values())
      if (live && throughNanos === undefined) return true;
    return false;
  }

  /** At the start, before all live poles have reported once, nobody runs ahead; a live site waits 2 s for them. */
  #awaitsFirstReport(reported: number, monotonicNanos: Nanos | undefined): boolean {
    if (reported === 0 || !this.#someSilent()) {
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
function middle(live: readonly Reported[]): Reported {
  // Differences as doubles: far faster to sort than 64-bit integers, exact unless a clock is 100 days off.
  const base = live[0].throughNanos;
  const sorted = Float64Array.from(live, ({ throughNanos }) => Number(throughNanos - base)).sort();
  const median = sorted[(sorted.length - 1) >> 1];
  return live.find(({ throughNanos }) => Number(throughNanos - base) === median)!;
}

function distance(a: Nanos, b: Nanos): Nanos {
  return a > b ? a - b : b - a;
}
