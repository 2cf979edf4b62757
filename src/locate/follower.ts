import { secondsToNanos, type Nanos } from '../audio/index.js';
import type { HeardArrival } from './arrival-store.js';
import { locateFounder, reassess, type Hypothesis } from './association.js';
import { secondsIn, type ImpulseIncident } from './impulse.js';
import { refit, touch } from './joint-fit.js';
import { SAME_PLACE_METERS } from './nearness.js';
import type { Settings } from './options.js';
import { FEWEST_POLES, strongCompany } from './policy.js';
import { explainsBetter } from './precedence.js';
import { findRepeats, joinShot } from './repeats.js';
import type { Unclaimed } from './unclaimed.js';

/** What comes later than this after a founder tells nothing new of its place. */
export const FOUNDER_WAIT_NANOS = secondsToNanos(3.2);
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

/** Betters incidents that are known, by what came since. */
export class Follower {
  constructor(
    private readonly unclaimed: Unclaimed,
    private readonly settings: Settings,
  ) {}

  /**
   * Is its place to be sought anew? At every piece of news while it is young and may be chance. Then, the longer it is
   * known the less what comes can change it: each search waits for a third of its age (while it may be chance, of what
   * is beyond its youth), and until then arrivals are joined only.
   */
  isToBeSought(incident: ImpulseIncident, now: Nanos): boolean {
    const age = now - incident.founder.timeNanos;
    if (!this.settings.placesKnown || !incident.unsought || isSure(incident) || age >= FOUNDER_WAIT_NANOS)
      return false;
    const isLikely = incident.solution !== undefined && incident.shots[0].likelihood >= LIKELY_NATS;
    const pause = isLikely ? maximum(age / 3n, SEEK_PAUSE_NANOS) : (age - YOUTH_NANOS) / 3n;
    const isLast = age >= FOUNDER_WAIT_NANOS - SEEK_PAUSE_NANOS;
    return now - incident.soughtNanos >= (isLast ? SEEK_PAUSE_NANOS : pause);
  }

  /** Finds or betters the place of the first shot, joins late arrivals, and finds further shots; true if it did. */
  improve(incident: ImpulseIncident, now: Nanos): boolean {
    let better = false;
    if (this.isToBeSought(incident, now)) {
      incident.unsought = false;
      incident.soughtNanos = now;
      better = this.#relocate(incident, now);
    }
    const grown = incident.solution ? this.#growFromPlace(incident, now) : this.#growCompany(incident, now);
    touch(incident);
    return better || grown;
  }

  /** Without a place: further poles that heard it strongly; true if there are any. */
  #growCompany({ shots: [primary], air }: ImpulseIncident, now: Nanos): boolean {
    const company = strongCompany(this.unclaimed.scene(primary.founder, now, air, primary));
    const joined = company.filter(({ pole }) => primary.members.every((m) => m.pole !== pole));
    primary.members.push(...joined);
    this.unclaimed.claim(joined);
    return joined.length > 0;
  }

  /** With a place: arrivals that fit its shots, and further shots from there; true if there are any. */
  #growFromPlace(incident: ImpulseIncident, now: Nanos): boolean {
    const listening = this.unclaimed.listening(incident.founder);
    const timed = this.unclaimed.timed.bind(this.unclaimed);
    let grown = false;
    for (const shot of incident.shots) {
      const joined = joinShot(incident, shot, listening, timed);
      if (joined.length > 0) {
        shot.members.push(...joined);
        this.unclaimed.claim(joined);
        grown = true;
      }
    }
    for (const shot of findRepeats(incident, listening, timed, now)) {
      incident.shots.push(shot);
      this.unclaimed.claim(shot.members);
      grown = true;
    }
    if (grown) refit(incident, this.settings);
    return grown;
  }

  /** Seeks the place anew with all that came since. The founder may be an echo: its neighbours may anchor it as well. */
  #relocate(incident: ImpulseIncident, now: Nanos): boolean {
    const primary = incident.shots[0];
    let best: Hypothesis | undefined;
    let anchor = primary.founder;
    for (const heard of this.unclaimed.anchors(primary)) {
      const nats = Math.max(PLACED.nats, (best?.likelihood ?? 0) - LATENESS_NATS);
      const scene = this.unclaimed.scene(heard, now, incident.air, primary);
      const found = locateFounder(scene, { ...PLACED, nats });
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
    this.unclaimed.release(primary.members);
    primary.members = best.members;
    primary.emissionSeconds = best.solution.emissionSeconds[0] + secondsIn(incident, anchor.timeNanos);
    this.unclaimed.claim(primary.members);
    if (moved > SAME_PLACE_METERS) {
      // What was found from the former place is sought again from the new one.
      for (const shot of incident.shots.splice(1)) this.unclaimed.release(shot.members);
      incident.solution = best.solution;
    }
    refit(incident, this.settings);
    return true;
  }

  /** The known place as a rival of others: further shots from there bear it out as well. */
  #standing(incident: ImpulseIncident, now: Nanos): Pick<Hypothesis, 'members' | 'likelihood'> {
    const [primary, ...further] = incident.shots;
    const { members } = primary;
    const anchor = members.includes(primary.founder) ? primary.founder : members[0];
    const scene = this.unclaimed.scene(anchor, now, incident.air, primary);
    const emission = primary.emissionSeconds! - secondsIn(incident, anchor.timeNanos);
    const likelihood = further.reduce(
      (sum, shot) => sum + Math.max(shot.likelihood, 0),
      reassess(scene, members, incident.solution!, emission),
    );
    return { members, likelihood };
  }
}

/** So well placed that nothing new would move it: it is only joined. */
export function isSure({ solution, shots: [primary] }: ImpulseIncident): boolean {
  return solution !== undefined && primary.likelihood > SURE_NATS;
}

function maximum(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function isSameSet(one: readonly HeardArrival[], other: readonly HeardArrival[]): boolean {
  return one.length === other.length && one.every((heard) => other.includes(heard));
}
