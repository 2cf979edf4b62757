import type { Nanos } from '../audio/index.js';
import type { Air } from './air.js';
import { anchors } from './anchors.js';
import { ArrivalStore, type HeardArrival } from './arrival-store.js';
import type { Shot } from './impulse.js';
import type { Settings } from './options.js';
import type { MappedPole, PoleMap } from './pole-map.js';
import { gather, type Scene } from './scene.js';

/** The arrivals of a site, and which of them no shot has claimed: what an incident may still be made of. */
export class Unclaimed {
  readonly store = new ArrivalStore();
  readonly #claimed = new Set<HeardArrival>();

  constructor(
    private readonly map: PoleMap,
    private readonly settings: Settings,
    private readonly listensAt: (pole: MappedPole, time: Nanos) => boolean,
  ) {}

  has(heard: HeardArrival): boolean {
    return !this.#claimed.has(heard);
  }

  claim(members: readonly HeardArrival[]): void {
    for (const heard of members) this.#claimed.add(heard);
  }

  release(members: readonly HeardArrival[]): void {
    for (const heard of members) this.#claimed.delete(heard);
  }

  /** Poles that could have heard what the founder did, itself among them. */
  listening(founder: HeardArrival): MappedPole[] {
    return this.map
      .near(founder.pole)
      .filter((pole) => pole === founder.pole || this.listensAt(pole, founder.timeNanos));
  }

  /** What they heard that may belong to the founder; `own` may keep its members. */
  scene(founder: HeardArrival, now: Nanos, air: Air, own?: Shot): Scene {
    const free = (heard: HeardArrival) => this.has(heard) || (own?.members.includes(heard) ?? false);
    const listening = gather(founder, this.listening(founder), this.store, free, air, this.settings);
    return {
      founder,
      listening,
      heardAt: listening.reduce((sum, { arrivals }) => sum + (arrivals.length > 0 ? 1 : 0), 0),
      nowSeconds: Number(now - founder.timeNanos) / 1e9,
      air,
      settings: this.settings,
    };
  }

  /** Arrivals of one pole with from <= time <= to whose clock is known. */
  timed(pole: MappedPole, from: Nanos, to: Nanos): HeardArrival[] {
    return this.store
      .between(pole, from, to)
      .filter((heard) => this.has(heard) && heard.arrival.clockUncertaintySeconds !== undefined);
  }

  /** Arrivals that the shot's place may be sought from. */
  anchors(shot: Shot): HeardArrival[] {
    return anchors(shot, this.map, this.store, (heard) => this.has(heard));
  }
}
