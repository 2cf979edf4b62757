import { ownerOf } from './rendezvous.js';

/** Another process that listens, as its lease tells. */
export interface ListeningProcess {
  process: string;
  /** What it hears now. */
  poles: readonly string[];
  /** It is about to end: its poles are to be taken. */
  leaving: boolean;
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
  #hears = new Set<string>();
  readonly #coveredSince = new Map<string, number>();
  #owners = new Map<string, string | undefined>();
  #ownersOf = '';

  constructor(self: string, poles: readonly string[]) {
    this.#self = self;
    this.#poles = poles;
  }

  /** The poles to hear from now on; `leaving`: this process is about to end. */
  next(others: readonly ListeningProcess[], nowSeconds: number, leaving = false): ReadonlySet<string> {
    this.#share([
      ...others.filter((other) => !other.leaving).map(({ process }) => process),
      ...(leaving ? [] : [this.#self]),
    ]);
    const covered = new Set(others.flatMap(({ poles }) => poles));
    const hears = new Set<string>();
    for (const pole of this.#poles) {
      if (this.#owners.get(pole) === this.#self) {
        hears.add(pole);
        this.#coveredSince.delete(pole);
      } else if (this.#hears.has(pole) && !this.#letsGo(pole, covered.has(pole), nowSeconds)) hears.add(pole);
    }
    this.#hears = hears;
    return hears;
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

  #share(processes: readonly string[]): void {
    const names = [...processes].sort();
    const key = names.join('\n');
    if (key === this.#ownersOf) return;
    this.#ownersOf = key;
    this.#owners = new Map(this.#poles.map((pole) => [pole, ownerOf(pole, names)]));
  }
}
