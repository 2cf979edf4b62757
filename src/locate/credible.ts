import type { ImpulseClass } from '../config/index.js';
import type { HeardArrival } from './arrival-store.js';
import { classEvidence, type Settings } from './options.js';

/** Poles nearer to each other than this are one: they fix no place between them. */
const ONE_SPOT_METERS = 25;
/** Units of evidence (0: the class's `on`, 1: its `alone`) and rise of an onset, below both of which it may be anything. */
const CREDIBLE_EVIDENCE = -1;
const CREDIBLE_STRENGTH_DB = 12;

/** Sounds like its class or rises like a blast: a faint noise that fits in time does not bear a place out by itself. */
export function isCredible({ arrival }: HeardArrival, name: ImpulseClass, settings: Settings): boolean {
  return (
    settings.unscored ||
    arrival.strengthDb >= CREDIBLE_STRENGTH_DB ||
    classEvidence(name, arrival.scores[name] ?? 0, settings) > CREDIBLE_EVIDENCE
  );
}

/** How many different spots the members stand on. */
export function spots(members: readonly HeardArrival[]): number {
  const seen: HeardArrival['pole'][] = [];
  for (const { pole } of members) {
    if (seen.every((p) => Math.hypot(p.east - pole.east, p.north - pole.north) > ONE_SPOT_METERS))
      seen.push(pole);
  }
  return seen.length;
}

/** Neither sounds like its class nor rises like a blast: an arrival that may just as well be none of the blast's. */
export function isFaint({ arrival }: HeardArrival, name: ImpulseClass, settings: Settings): boolean {
  return (
    !settings.unscored &&
    arrival.strengthDb < CREDIBLE_STRENGTH_DB &&
    classEvidence(name, arrival.scores[name] ?? 0, settings) < 0
  );
}
