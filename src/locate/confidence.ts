import type { HeardArrival } from './arrival-store.js';
import type { ImpulseIncident } from './impulse.js';
import type { Placement } from './placement.js';

/** The best arrival of each pole, by evidence for a blast. */
export function bestByPole(incident: ImpulseIncident): HeardArrival[] {
  const best = new Map<number, HeardArrival>();
  for (const { members } of incident.shots) {
    for (const heard of members) {
      const known = best.get(heard.pole.index);
      if (!known || heard.evidence > known.evidence) best.set(heard.pole.index, heard);
    }
  }
  return [...best.values()];
}

/** Log odds of one unit of evidence, and of an incident that just reached what one pole alone needs. */
const NATS_PER_EVIDENCE = 2.5;
const NATS_AT_ALONE = 1.5;

/**
 * Chance (0 to 1) that the incident is what it says. Logistic in the classifier's evidence (poles are not
 * independent, so the second and third count half and a quarter), the fit of the travel times, and the poles that
 * should have heard it and did not.
 */
export function confidenceOf(incident: ImpulseIncident, placement: Placement, silent: number): number {
  const evidence = bestByPole(incident)
    .map((heard) => heard.evidence)
    .filter((value) => value > 0)
    .sort((a, b) => b - a)
    .reduce((sum, value, i) => sum + value / 2 ** i, 0);
  const heard = new Set(incident.shots.flatMap(({ members }) => members.map(({ pole }) => pole.index))).size;
  const fits = placement.located ? Math.min(Math.max(placement.likelihood, 0), 12) / 4 : 0;
  const silence = Math.min((silent / (silent + heard)) * 2, 2);
  const nats = NATS_PER_EVIDENCE * (evidence - 1) + NATS_AT_ALONE + fits - silence;
  return 1 / (1 + Math.exp(-nats));
}
