import type { Nanos } from '../audio/index.js';
import type { HeardArrival } from './arrival-store.js';

/** Echoes come by the dozen: what they may change is looked at this often. */
const PATIENCE_NANOS: Nanos = 200_000_000n;

/**
 * When is it worth looking again? At once when a pole is heard for the first time, or for the first time strongly,
 * unless all is sure already; else a fifth of a second after the last look. Decided by event time and ticks alone.
 */
export class Watch {
  readonly #heard = new Set<number>();
  readonly #strong = new Set<number>();
  #urgent = true;
  #stale = true;
  #lookedAt: Nanos | undefined;

  constructor(founder: HeardArrival) {
    this.note(founder);
  }

  note(heard: HeardArrival): void {
    const { index } = heard.pole;
    if (!this.#heard.has(index) || (heard.strong && !this.#strong.has(index))) this.#urgent = true;
    this.#heard.add(index);
    if (heard.strong) this.#strong.add(index);
    this.#stale = true;
  }

  /** True once for what was noted. `last`: there will be no later look; `sure`: a further pole is no haste any more. */
  due(now: Nanos, { last = false, sure = false } = {}): boolean {
    const patient = this.#lookedAt !== undefined && now - this.#lookedAt < PATIENCE_NANOS;
    if (!this.#stale || (patient && !last && (sure || !this.#urgent))) return false;
    this.#stale = false;
    this.#urgent = false;
    this.#lookedAt = now;
    return true;
  }
}

/** A strong arrival that may turn out to be an incident. */
export interface Founder {
  heard: HeardArrival;
  watch: Watch;
}
