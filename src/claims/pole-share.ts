import { ranked } from './rendezvous.js';

/** Another process that listens, as its lease tells. */
export interface ListeningProcess {
  process: string;
  /** What it hears now. */
  poles: readonly string[];
  /** It is about to end: its poles are to be taken. */
  leaving: boolean;
  /** It has missed a renewal: who stands by for its poles hears them. */
  suspect: boolean;
}

/** What a process is to do with the poles of its site; the rest is others'. */
export interface Share {
  hears: ReadonlySet<string>;
  /** Another hears these, and this process would be next. */
  standsBy: ReadonlySet<string>;
  /** Of `hears`, those that are new to it and that no living process hears. */
  rescued: ReadonlySet<string>;
}

/** What the new owner of a pole needs to judge a shot by itself: so long both hear it, and no longer than a heartbeat. */
export const HANDOVER_SECONDS = 0.9;

/**
 * Which poles this process hears. Its share it hears at once; what is another's share it lets go only when that one has
 * heard it for a moment, so that no frame is missed between them. Pure: the clock is handed in.
 */
export class PoleShare {
  readonly #self: string;
  readonly #poles: readonly string[];
  #hears: ReadonlySet<string> = new Set<string>();
  readonly #coveredSince = new Map<string, number>();
  #order = new Map<string, readonly string[]>();
  #orderOf = '';

  constructor(self: string, poles: readonly string[]) {
    this.#self = self;
    this.#poles = poles;
  }

  /** What to do from now on; `leaving`: this process is about to end. */
  next(others: readonly ListeningProcess[], nowSeconds: number, leaving = false): Share {
    this.#rank([
      ...others.filter((other) => !other.leaving).map(({ process }) => process),
      ...(leaving ? [] : [this.#self]),
    ]);
    const covered = new Set(others.filter(({ suspect }) => !suspect).flatMap(({ poles }) => poles));
    const suspects = new Set(others.filter(({ suspect }) => suspect).map(({ process }) => process));
    const hears = new Set<string>();
    const standsBy = new Set<string>();
    for (const pole of this.#poles) {
      const [owner, second] = this.#order.get(pole)!;
      const isSecond = second === this.#self;
      if (owner === this.#self || (isSecond && suspects.has(owner))) {
        hears.add(pole);
        this.#coveredSince.delete(pole);
      } else if (this.#hears.has(pole) && !this.#letsGo(pole, covered.has(pole), nowSeconds)) hears.add(pole);
      else if (isSecond) standsBy.add(pole);
    }
    const rescued = new Set([...hears].filter((pole) => !this.#hears.has(pole) && !covered.has(pole)));
    this.#hears = hears;
    return { hears, standsBy, rescued };
  }

  #letsGo(pole: string, covered: boolean, nowSeconds: number): boolean {
    if (!covered) {
      this.#coveredSince.delete(pole);
      return false;
    }
    const since = this.#coveredSince.get(pole) ?? nowSeconds;
    this.#coveredSince.set(pole, since);
    if (nowSeconds - since < HANDOVER_SECONDS) return false;
    this.#coveredSince.delete(pole);
    return true;
  }

  #rank(processes: readonly string[]): void {
    const names = [...processes].sort();
    const key = names.join('\n');
    if (key === this.#orderOf && this.#order.size > 0) return;
    this.#orderOf = key;
    this.#order = new Map(this.#poles.map((pole) => [pole, ranked(pole, names).slice(0, 2)]));
  }
}
