import type { Nanos } from '../audio/index.js';
import type { Air } from './air.js';
import { byTime, type ArrivalStore, type HeardArrival } from './arrival-store.js';
import { locateFounder, type Hypothesis } from './association.js';
import { Follower, FOUNDER_WAIT_NANOS, isSure } from './follower.js';
import { incidentIdOf, secondsIn, type ImpulseIncident, type Shot } from './impulse.js';
import { refit, touch } from './joint-fit.js';
import { isNear, isSamePlace, within } from './nearness.js';
import type { Settings } from './options.js';
import { classOf, isCompanyEnough, isFound, strongCompany, wantedOf } from './policy.js';
import type { MappedPole, PoleMap } from './pole-map.js';
import { isMoreThanEcho } from './precedence.js';
import { inShadow } from './shadow.js';
import { silentPoles } from './silence.js';
import { IMPULSE_QUIET_NANOS } from './ticks.js';
import { Unclaimed } from './unclaimed.js';
import { Watch, type Founder } from './watch.js';

/** In the shadow of a blast only a clear onset may be another one. */
const SHADOW_STRENGTH_DB = 12;

/** Impulse incidents of a site: founds them on strong arrivals, has them followed, closes them. Pure; time is handed in. */
export class ImpulseLocator {
  readonly open: ImpulseIncident[] = [];
  readonly #recent: ImpulseIncident[] = [];
  #founders: Founder[] = [];
  readonly #unclaimed: Unclaimed;
  readonly #follower: Follower;

  constructor(
    private readonly site: string,
    private readonly map: PoleMap,
    private readonly settings: Settings,
    private readonly listensAt: (pole: MappedPole, time: Nanos) => boolean,
  ) {
    this.#unclaimed = new Unclaimed(map, settings, listensAt);
    this.#follower = new Follower(this.#unclaimed, settings);
  }

  get store(): ArrivalStore {
    return this.#unclaimed.store;
  }

  /** New arrivals, in event-time order: each marks what it may bear on. */
  take(fresh: readonly HeardArrival[]): void {
    for (const heard of fresh) {
      for (const incident of this.open) if (isNear(incident, heard)) incident.watch.note(heard);
      for (const founder of this.#founders) if (within(founder.heard, heard)) founder.watch.note(heard);
      if (heard.strong && this.#unclaimed.has(heard) && !this.#founders.some((f) => f.heard === heard)) {
        this.#founders.push({ heard, watch: new Watch(heard) });
      }
    }
    this.#founders.sort((a, b) => byTime(a.heard, b.heard));
  }

  /** One tick: improves the open incidents, then lets founders become new ones. Returns the changed and the new. */
  tick(now: Nanos, air: Air): { changed: ImpulseIncident[]; found: ImpulseIncident[] } {
    const changed = this.open.filter((incident) => this.#follow(incident, now, air));
    const found: ImpulseIncident[] = [];
    for (const founder of this.#founders) {
      const incident = this.#tryFounder(founder, now, air);
      if (!incident || found.includes(incident)) continue;
      if (!this.open.includes(incident)) {
        this.open.push(incident);
        found.push(incident);
      } else if (!changed.includes(incident)) changed.push(incident);
    }
    this.#founders = this.#founders.filter(
      ({ heard }) => this.#unclaimed.has(heard) && now - heard.timeNanos <= FOUNDER_WAIT_NANOS,
    );
    this.store.prune(now);
    return { changed, found };
  }

  /** Incidents that have been quiet long enough (all, where `all`); they leave the list of open ones. */
  close(now: Nanos, all = false): ImpulseIncident[] {
    const closing = this.open.filter(
      (incident) => all || now - incident.lastHeardNanos >= IMPULSE_QUIET_NANOS,
    );
    for (const incident of closing) {
      this.open.splice(this.open.indexOf(incident), 1);
      this.#recent.push(incident);
    }
    while (this.#recent.length > 0 && now - this.#recent[0].lastHeardNanos > 2n * IMPULSE_QUIET_NANOS) {
      const gone = this.#recent.shift()!;
      for (const shot of gone.shots) this.#unclaimed.release(shot.members);
    }
    return closing;
  }

  /** Anything that still wants ticks? */
  get busy(): boolean {
    return this.open.length > 0 || this.#founders.length > 0;
  }

  silent(incident: ImpulseIncident, now: Nanos): MappedPole[] {
    return silentPoles(incident, this.map, now, this.listensAt);
  }

  /** True if what came since bettered the incident. */
  #follow(incident: ImpulseIncident, now: Nanos, air: Air): boolean {
    const news = incident.watch.due(now, { sure: isSure(incident) });
    incident.unsought ||= news;
    if (!news && !this.#follower.isToBeSought(incident, now)) return false;
    incident.air = air;
    return this.#follower.improve(incident, now);
  }

  /** The incident that the founder makes, or shows another shot of, if it is time to look and it does. */
  #tryFounder({ heard, watch }: Founder, now: Nanos, air: Air): ImpulseIncident | undefined {
    if (!this.#unclaimed.has(heard)) return undefined;
    const late = now - heard.timeNanos > FOUNDER_WAIT_NANOS;
    const shadowing = [...this.open, ...this.#recent].filter((incident) => inShadow(incident, heard));
    const shadowed = shadowing.length > 0;
    const due = shadowed
      ? late && heard.arrival.strengthDb >= SHADOW_STRENGTH_DB
      : watch.due(now, { last: late });
    return due ? this.#judge(heard, now, air, shadowing) : undefined;
  }

  /** Does this strong arrival found an incident, or show another shot of one? */
  #judge(
    heard: HeardArrival,
    now: Nanos,
    air: Air,
    shadowing: readonly ImpulseIncident[],
  ): ImpulseIncident | undefined {
    const shadowed = shadowing.length > 0;
    const scene = this.#unclaimed.scene(heard, now, air);
    const wanted = this.settings.placesKnown ? wantedOf(scene, shadowed) : undefined;
    const hypothesis = wanted && locateFounder(scene, wanted);
    if (
      hypothesis &&
      isFound(hypothesis, scene, shadowed) &&
      isMoreThanEcho(
        hypothesis,
        shadowing.flatMap(({ shots }) => shots),
      )
    ) {
      return this.#found(heard, hypothesis.members, hypothesis, air);
    }
    if (shadowed) return undefined;
    if (heard.evidence >= 1) return this.#found(heard, [heard], undefined, air);
    const strong = strongCompany(scene);
    if (isCompanyEnough(strong, this.settings)) return this.#found(heard, strong, undefined, air);
    return undefined;
  }

  #found(
    founder: HeardArrival,
    members: HeardArrival[],
    hypothesis: Hypothesis | undefined,
    air: Air,
  ): ImpulseIncident {
    const shot: Shot = {
      founder,
      members,
      likelihood: hypothesis?.likelihood ?? -Infinity,
      ...(hypothesis && { emissionSeconds: hypothesis.solution.emissionSeconds[0] }),
    };
    const known = hypothesis && this.open.find((incident) => isSamePlace(incident, founder, hypothesis));
    this.#unclaimed.claim(members);
    const incident = known ?? this.#newIncident(shot, hypothesis, air);
    if (known) {
      if (shot.emissionSeconds !== undefined) shot.emissionSeconds += secondsIn(known, founder.timeNanos);
      known.shots.push(shot);
    }
    if (hypothesis) refit(incident, this.settings);
    touch(incident);
    return incident;
  }

  #newIncident(shot: Shot, hypothesis: Hypothesis | undefined, air: Air): ImpulseIncident {
    const { founder, members } = shot;
    const first = members.filter((heard) => heard.strong).sort(byTime)[0] ?? founder;
    const className = classOf(members);
    return {
      incidentId: incidentIdOf(this.site, className, first.pole.pole, first.timeNanos),
      class: className,
      founder,
      shots: [shot],
      residuals: new Map(),
      air,
      revision: 0,
      lastHeardNanos: founder.timeNanos,
      watch: new Watch(founder),
      soughtNanos: founder.timeNanos,
      unsought: true,
      decidedByNanos: founder.timeNanos,
      ...(hypothesis && { solution: hypothesis.solution }),
    };
  }
}
