import { secondsToNanos, type Nanos } from '../audio/index.js';
import type { Air } from './air.js';
import { ArrivalStore, byTime, type HeardArrival } from './arrival-store.js';
import { locateFounder, reassess, type Hypothesis } from './association.js';
import { gather, type Scene } from './scene.js';
import { isNear, isSamePlace, SAME_PLACE_METERS, within } from './nearness.js';
import { inShadow } from './shadow.js';
import { silentPoles } from './silence.js';
import { fit } from './fit.js';
import { anchors } from './anchors.js';
import { FOUNDER_METERS } from './hearing.js';
import { incidentIdOf, secondsIn, type ImpulseIncident, type Shot } from './impulse.js';
import type { Settings } from './options.js';
import { classOf, FEWEST_POLES, isCompanyEnough, isFound, strongCompany, wantedOf } from './policy.js';
import type { MappedPole, PoleMap } from './pole-map.js';
import { explainsBetter } from './precedence.js';
import { findRepeats, joinShot } from './repeats.js';
import { IMPULSE_QUIET_NANOS } from './ticks.js';
import { Watch, type Founder } from './watch.js';

const FOUNDER_WAIT_NANOS = secondsToNanos(3.2);
/** With this a place is taken for an incident that is known already. */
const PLACED = { poles: FEWEST_POLES, nats: 2 };
/** A place that explains earlier sounds is preferred to one likelier by up to about so much. */
const LATENESS_NATS = 6;
const SEEK_PAUSE_NANOS = secondsToNanos(0.2);
/** So long every arrival is waited for: the place is wanted soon. */
const YOUTH_NANOS = secondsToNanos(0.6);
/** A place below this may be chance: whatever comes may show a better one. */
const LIKELY_NATS = 8;
/** Beyond this a place is not sought anew, only joined. */
const SURE_NATS = 24;
/** In the shadow of a blast only a clear onset may be another one. */
const SHADOW_STRENGTH_DB = 12;

/** Impulse incidents of a site: from arrivals to shots and places. Pure; time is handed in. */
export class ImpulseLocator {
  readonly open: ImpulseIncident[] = [];
  readonly store = new ArrivalStore();
  #founders: Founder[] = [];
  readonly #claimed = new Set<HeardArrival>();

  constructor(
    private readonly site: string,
    private readonly map: PoleMap,
    private readonly settings: Settings,
    private readonly listensAt: (pole: MappedPole, time: Nanos) => boolean,
  ) {}

  /** New arrivals, in event-time order: each marks what it may bear on. */
  take(fresh: readonly HeardArrival[]): void {
    for (const heard of fresh) {
      for (const incident of this.open) if (isNear(incident, heard)) incident.watch.note(heard);
      for (const founder of this.#founders) if (within(founder.heard, heard)) founder.watch.note(heard);
      if (heard.strong && !this.#claimed.has(heard) && !this.#founders.some((f) => f.heard === heard)) {
        this.#founders.push({ heard, watch: new Watch(heard) });
      }
    }
    this.#founders.sort((a, b) => byTime(a.heard, b.heard));
  }

  /** One tick: improves the open incidents, then lets founders become new ones. Returns the changed and the new. */
  tick(now: Nanos, air: Air): { changed: ImpulseIncident[]; found: ImpulseIncident[] } {
    const changed: ImpulseIncident[] = [];
    for (const incident of this.open) {
      const news = incident.watch.due(now, { sure: isSure(incident) });
      incident.unsought ||= news;
      if (!news && !this.#isToBeSought(incident, now)) continue;
      incident.air = air;
      if (this.#improve(incident, now)) changed.push(incident);
    }
    const found: ImpulseIncident[] = [];
    for (const founder of this.#founders) {
      const { heard } = founder;
      const late = now - heard.timeNanos > FOUNDER_WAIT_NANOS;
      if (this.#claimed.has(heard)) continue;
      const shadowed = [...this.open, ...this.#recent].some((incident) => inShadow(incident, heard));
      if (
        shadowed
          ? late && heard.arrival.strengthDb >= SHADOW_STRENGTH_DB
          : founder.watch.due(now, { last: late })
      ) {
        const incident = this.#judge(heard, now, air, shadowed);
        if (incident) {
          if (!found.includes(incident) && !changed.includes(incident)) {
            (this.open.includes(incident) ? changed : found).push(incident);
          }
          if (!this.open.includes(incident)) this.open.push(incident);
        }
      }
    }
    this.#founders = this.#founders.filter(
      ({ heard }) => !this.#claimed.has(heard) && now - heard.timeNanos <= FOUNDER_WAIT_NANOS,
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
      for (const shot of gone.shots) for (const heard of shot.members) this.#claimed.delete(heard);
    }
    return closing;
  }
  readonly #recent: ImpulseIncident[] = [];

  /** Anything that still wants ticks? */
  get busy(): boolean {
    return this.open.length > 0 || this.#founders.length > 0;
  }

  silent(incident: ImpulseIncident, now: Nanos): MappedPole[] {
    return silentPoles(incident, this.map, now, this.listensAt);
  }

  /** Poles that could have heard what the founder did, itself among them. */
  #listening(founder: HeardArrival): MappedPole[] {
    return this.map
      .near(founder.pole)
      .filter((pole) => pole === founder.pole || this.listensAt(pole, founder.timeNanos));
  }

  #scene(founder: HeardArrival, now: Nanos, air: Air, own?: Shot): Scene {
    const free = (heard: HeardArrival) =>
      !this.#claimed.has(heard) || (own?.members.includes(heard) ?? false);
    const listening = gather(founder, this.#listening(founder), this.store, free, air, this.settings);
    return {
      founder,
      listening,
      heardAt: listening.reduce((sum, { arrivals }) => sum + (arrivals.length > 0 ? 1 : 0), 0),
      nowSeconds: Number(now - founder.timeNanos) / 1e9,
      air,
      settings: this.settings,
    };
  }

  /** Does this strong arrival found an incident, or show another shot of one? */
  #judge(heard: HeardArrival, now: Nanos, air: Air, shadowed: boolean): ImpulseIncident | undefined {
    const scene = this.#scene(heard, now, air);
    const wanted = this.settings.placesKnown ? wantedOf(scene, shadowed) : undefined;
    const hypothesis = wanted && locateFounder(scene, wanted);
    if (hypothesis && isFound(hypothesis, scene, shadowed)) {
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
    this.#claim(members);
    if (known) {
      if (shot.emissionSeconds !== undefined) {
        shot.emissionSeconds += secondsIn(known, founder.timeNanos);
      }
      known.shots.push(shot);
      this.#refit(known);
      this.#touch(known);
      return known;
    }
    const first = members.filter((heard) => heard.strong).sort(byTime)[0] ?? founder;
    const className = classOf(members);
    const incident: ImpulseIncident = {
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
    };
    if (hypothesis) {
      incident.solution = hypothesis.solution;
      this.#refit(incident);
    }
    this.#touch(incident);
    return incident;
  }

  #claim(members: readonly HeardArrival[], claimed = true): void {
    for (const heard of members) {
      if (claimed) this.#claimed.add(heard);
      else this.#claimed.delete(heard);
    }
  }

  /**
   * Is its place to be sought anew? At every piece of news while it is young and may be chance. Then, the longer it is
   * known the less what comes can change it: each search waits for a third of its age (while it may be chance, of what
   * is beyond its youth), and until then arrivals are joined only.
   */
  #isToBeSought(incident: ImpulseIncident, now: Nanos): boolean {
    const age = now - incident.founder.timeNanos;
    if (!this.settings.placesKnown || !incident.unsought || isSure(incident) || age >= FOUNDER_WAIT_NANOS)
      return false;
    const isLikely = incident.solution !== undefined && incident.shots[0].likelihood >= LIKELY_NATS;
    const pause = isLikely ? maximum(age / 3n, SEEK_PAUSE_NANOS) : (age - YOUTH_NANOS) / 3n;
    const isLast = age >= FOUNDER_WAIT_NANOS - SEEK_PAUSE_NANOS;
    return now - incident.soughtNanos >= (isLast ? SEEK_PAUSE_NANOS : pause);
  }

  /** Finds or betters the place of the first shot, joins late arrivals, and finds further shots; true if it did. */
  #improve(incident: ImpulseIncident, now: Nanos): boolean {
    const primary = incident.shots[0];
    let better = false;
    if (this.#isToBeSought(incident, now)) {
      incident.unsought = false;
      incident.soughtNanos = now;
      better = this.#relocate(incident, now);
    }
    if (!incident.solution) {
      const company = strongCompany(this.#scene(primary.founder, now, incident.air, primary));
      const joined = company.filter(({ pole }) => primary.members.every((m) => m.pole !== pole));
      primary.members.push(...joined);
      this.#claim(joined);
      better ||= joined.length > 0;
    } else {
      const listening = this.#listening(incident.founder);
      const available = (pole: MappedPole, from: Nanos, to: Nanos) =>
        this.store
          .between(pole, from, to)
          .filter((h) => !this.#claimed.has(h) && h.arrival.clockUncertaintySeconds !== undefined);
      let grown = false;
      for (const shot of incident.shots) {
        const joined = joinShot(incident, shot, listening, available);
        if (joined.length > 0) {
          shot.members.push(...joined);
          this.#claim(joined);
          grown = true;
        }
      }
      for (const shot of findRepeats(incident, listening, available, now)) {
        incident.shots.push(shot);
        this.#claim(shot.members);
        grown = true;
      }
      if (grown) this.#refit(incident);
      better ||= grown;
    }
    this.#touch(incident);
    return better;
  }

  /** Seeks the place anew with all that came since. The founder may be an echo: its neighbours may anchor it as well. */
  #relocate(incident: ImpulseIncident, now: Nanos): boolean {
    const primary = incident.shots[0];
    let best: Hypothesis | undefined;
    let anchor = primary.founder;
    for (const heard of anchors(primary, this.map, this.store, (heard) => !this.#claimed.has(heard))) {
      const nats = Math.max(PLACED.nats, (best?.likelihood ?? 0) - LATENESS_NATS);
      const found = locateFounder(this.#scene(heard, now, incident.air, primary), { ...PLACED, nats });
      if (found && (!best || explainsBetter(found, best))) {
        best = found;
        anchor = heard;
      }
    }
    if (!best || best.likelihood <= PLACED.nats) return false;
    const before = incident.solution;
    const moved = before
      ? Math.hypot(before.east - best.solution.east, before.north - best.solution.north)
      : Infinity;
    // What is known stands until another place explains the arrivals better; both are judged by what is known now.
    if (before && moved > SAME_PLACE_METERS && !explainsBetter(best, this.#standing(incident, now))) {
      return false;
    }
    primary.likelihood = best.likelihood;
    if (before && isSameSet(primary.members, best.members)) return false;
    this.#claim(primary.members, false);
    primary.members = best.members;
    primary.emissionSeconds = best.solution.emissionSeconds[0] + secondsIn(incident, anchor.timeNanos);
    this.#claim(primary.members);
    if (moved > SAME_PLACE_METERS) {
      // What was found from the former place is sought again from the new one.
      for (const shot of incident.shots.splice(1)) this.#claim(shot.members, false);
      incident.solution = best.solution;
    }
    this.#refit(incident);
    return true;
  }

  /** The known place as a rival of others: further shots from there bear it out as well. */
  #standing(incident: ImpulseIncident, now: Nanos): Pick<Hypothesis, 'members' | 'likelihood'> {
    const [primary, ...further] = incident.shots;
    const { members } = primary;
    const anchor = members.includes(primary.founder) ? primary.founder : members[0];
    const scene = this.#scene(anchor, now, incident.air, primary);
    const emission = primary.emissionSeconds! - secondsIn(incident, anchor.timeNanos);
    const likelihood = further.reduce(
      (sum, shot) => sum + Math.max(shot.likelihood, 0),
      reassess(scene, members, incident.solution!, emission),
    );
    return { members, likelihood };
  }

  /** Joint fit of all located shots: one place, an emission each. */
  #refit(incident: ImpulseIncident): void {
    const fitted = incident.shots.filter(({ emissionSeconds }) => emissionSeconds !== undefined);
    if (fitted.length === 0) return;
    const { founder, air } = incident;
    const start = incident.solution ?? founder.pole;
    const solution = fit({
      shots: fitted.map(({ members }) => members),
      referenceNanos: founder.timeNanos,
      air,
      settings: this.settings,
      starts: [[start.east, start.north]],
      bounds: { east: founder.pole.east, north: founder.pole.north, radiusMeters: FOUNDER_METERS * 1.2 },
    });
    incident.solution = solution;
    const members = fitted.flatMap((shot) => shot.members);
    incident.residuals = new Map(members.map((heard, i) => [heard, solution.residualSeconds[i]]));
    fitted.forEach((shot, i) => (shot.emissionSeconds = solution.emissionSeconds[i]));
  }

  #touch(incident: ImpulseIncident): void {
    const last = incident.shots
      .flatMap(({ members }) => members)
      .sort(byTime)
      .at(-1);
    if (last && last.timeNanos > incident.lastHeardNanos) incident.lastHeardNanos = last.timeNanos;
    incident.decidedByNanos = incident.lastHeardNanos;
  }
}

/** So well placed that nothing new would move it: it is only joined. */
function isSure({ solution, shots: [primary] }: ImpulseIncident): boolean {
  return solution !== undefined && primary.likelihood > SURE_NATS;
}

function maximum(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function isSameSet(one: readonly HeardArrival[], other: readonly HeardArrival[]): boolean {
  return one.length === other.length && one.every((heard) => other.includes(heard));
}
