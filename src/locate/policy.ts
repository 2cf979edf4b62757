import { IMPULSE_CLASSES, type ImpulseClass } from '../config/index.js';
import type { HeardArrival } from './arrival-store.js';
import { byTime } from './arrival-store.js';
import type { Hypothesis, Wanted } from './association.js';
import { classEvidence, logOdds, MOST_EVIDENCE, type Settings } from './options.js';
import type { Candidate, Scene } from './scene.js';

/** Likelihood (nats) at which travel times alone show one source among so many listening poles. */
const FOUND_NATS = 10;
const FOUND_POLES = 10;
/** With few poles no more can be had, and fewer chance clusters threaten; with many, the more. */
const NATS_PER_POLE_BELOW = 0.5;
const NATS_PER_POLE_ABOVE = 0.6;
/** Without scores the poles that there are must do. */
const NATS_PER_POLE_BELOW_UNSCORED = 1.5;
/** What may be an echo must fit far better. */
const SHADOW_EXTRA_NATS = 8;
const SHADOW_POLES = 5;
const SHADOW_STRENGTH_DB = 15;
/** Fewer poles than this cannot tell a second blast from the echoes of the first. */
const SHADOW_LISTENING = 8;
const COMPANY_EVIDENCE = 1;
const COMPANY_STRENGTH_DB = 15;

/** Fewer poles than this have no check on a place. */
export const FEWEST_POLES = 4;

/**
 * What a founder's place must reach to be an incident, whatever the members: with less it need not be sought. Undefined
 * where none can be one.
 */
export function wantedOf(scene: Scene, shadowed: boolean): Wanted | undefined {
  const { settings, listening } = scene;
  const found = foundNats(scene);
  if (shadowed) {
    if (!settings.unscored && listening.length < SHADOW_LISTENING) return undefined;
    return { poles: SHADOW_POLES, nats: found + SHADOW_EXTRA_NATS };
  }
  if (settings.unscored) return { poles: FEWEST_POLES, nats: found };
  const best = listening.flatMap(({ arrivals }) => mostEvident(arrivals));
  const evidence = strongEvidence(best, settings);
  if (evidence < 1 && !areTwoAgreed(best, settings)) return undefined;
  return { poles: FEWEST_POLES, nats: Math.max(found * (1 - evidence), 0) };
}

/** Of a pole's arrivals the one with most evidence a class: no member of it can have more. */
function mostEvident(arrivals: readonly Candidate[]): HeardArrival[] {
  const strong = arrivals.filter(({ heard }) => heard.strong).map(({ heard }) => heard);
  if (strong.length < 2) return strong;
  const [first] = strong;
  const scores = { ...first.arrival.scores };
  for (const { arrival } of strong)
    for (const name of IMPULSE_CLASSES) scores[name] = Math.max(scores[name] ?? 0, arrival.scores[name] ?? 0);
  return [{ ...first, arrival: { ...first.arrival, scores } }];
}

/** Likelihood at which travel times alone show one source. */
function foundNats({ listening, settings }: Scene): number {
  const more = listening.length - FOUND_POLES;
  const below = settings.unscored ? NATS_PER_POLE_BELOW_UNSCORED : NATS_PER_POLE_BELOW;
  return Math.max(FOUND_NATS + more * (more < 0 ? below : NATS_PER_POLE_ABOVE), 1);
}

/**
 * Is a place that explains several poles' arrivals an incident? The fit of travel times and levels, and the class
 * scores of the strong members, make it up together; a fit worse than chance is none, whatever the scores.
 */
export function isFound({ likelihood, members }: Hypothesis, scene: Scene, shadowed: boolean): boolean {
  if (likelihood <= 0) return false;
  const found = foundNats(scene);
  if (!shadowed) {
    const evidence = strongEvidence(members, scene.settings);
    if (!scene.settings.unscored && evidence < 1 && !areTwoAgreed(members, scene.settings)) return false;
    return likelihood / found + evidence >= 1;
  }
  const strength = members.reduce((sum, { arrival }) => sum + arrival.strengthDb, 0) / members.length;
  return (
    likelihood >= found + SHADOW_EXTRA_NATS &&
    members.length >= SHADOW_POLES &&
    (scene.settings.unscored ||
      (strength >= SHADOW_STRENGTH_DB && scene.listening.length >= SHADOW_LISTENING))
  );
}

/**
 * Evidence of the strong members for the class that they best agree on, best first: poles are not independent, so from
 * the third on each counts half. A gunshot here and an explosion there do not bear each other out.
 */
export function strongEvidence(members: readonly HeardArrival[], settings: Settings): number {
  return Math.max(
    ...IMPULSE_CLASSES.map((name) =>
      agreeing(members, name, settings).reduce((sum, value, i) => sum + (i < 2 ? value : value / 2), 0),
    ),
  );
}

/** Arrivals of anything at all fit a place by chance now and then: below `alone`, two poles must have heard a blast. */
function areTwoAgreed(members: readonly HeardArrival[], settings: Settings): boolean {
  return IMPULSE_CLASSES.some((name) => agreeing(members, name, settings).length >= 2);
}

/** Evidence for one class of the members that heard it, best first. */
function agreeing(members: readonly HeardArrival[], name: ImpulseClass, settings: Settings): number[] {
  return members
    .filter(({ strong }) => strong)
    .map(({ arrival }) => Math.min(classEvidence(name, arrival.scores[name] ?? 0, settings), MOST_EVIDENCE))
    .filter((evidence) => evidence > 0)
    .sort((a, b) => b - a);
}

/**
 * Poles that heard a blast but give no place: their arrivals may well be chance, so together they must say as much as
 * one pole that may alert alone, and one of them must have heard it clearly.
 */
export function isCompanyEnough(company: readonly HeardArrival[], settings: Settings): boolean {
  const loudest = Math.max(...company.map(({ arrival }) => arrival.strengthDb));
  return (
    company.length >= 2 &&
    loudest >= COMPANY_STRENGTH_DB &&
    strongEvidence(company, settings) >= COMPANY_EVIDENCE
  );
}

/** The founder and, at each other pole, the first strong arrival that its distance allows. */
export function strongCompany({ founder, listening }: Scene): HeardArrival[] {
  const company = [founder];
  for (const { pole, arrivals } of listening) {
    if (pole === founder.pole) continue;
    const strong = arrivals.find(({ heard }) => heard.strong && heard.evidence > 0);
    if (strong) company.push(strong.heard);
  }
  return company.sort(byTime);
}

/**
 * Gunshot or explosion: by the log likelihood ratio of the two, summed over the strong members. The scores are calibrated
 * one by one as if both were as frequent, so the ratio of their odds is that of the likelihoods.
 */
export function classOf(members: readonly HeardArrival[]): ImpulseClass {
  const ratio = members
    .filter(({ strong }) => strong)
    .reduce(
      (sum, { arrival: { scores } }) => sum + logOdds(scores.explosion ?? 0) - logOdds(scores.gunshot ?? 0),
      0,
    );
  return ratio > 0 ? 'explosion' : 'gunshot';
}
