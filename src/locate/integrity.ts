import type { ImpulseClass } from '../config/index.js';
import type { Air } from './air.js';
import type { HeardArrival } from './arrival-store.js';
import { threePoles } from './closed-form.js';
import { fit } from './fit.js';
import { HEARING_METERS } from './hearing.js';
import { classEvidence, type Settings } from './options.js';
import type { Solution } from './solver.js';
import { travelSeconds } from './travel-time.js';
import { ellipseDistance, ellipseOf } from './uncertainty.js';

/** Poles nearer to each other than this are one: they fix no place between them. */
const ONE_SPOT_METERS = 25;
/** A clock or a place that is wrong is wrong by up to so much: 100 m, or a stepped clock. */
const LARGEST_FAULT_SECONDS = 0.35;
const SECOND_ROOT_METERS = 5;
/** Where the others without the suspect lie so much worse, their own ellipse counts as well. */
const WORSE = 1.6;
const STEPS = [-1, -0.5, -0.25, -0.1, -0.05, 0, 0.05, 0.1, 0.25, 0.5, 1] as const;
/** So well must the others agree, in σ² an arrival, for a fault of the one left out to be believed. */
const BELIEVED_COST = 4;

/** Arrivals of one shot, and the fit to them. */
export interface Checked {
  members: readonly HeardArrival[];
  solution: Solution;
  referenceNanos: bigint;
  air: Air;
  settings: Settings;
}

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

/**
 * What the place would be were any one pole wrong (its clock, its position, or an echo taken for the direct sound):
 * the places that the others agree on without it, and, with three others, both that they allow. Offsets [east, north]
 * in metres from the solution, only those outside its ellipse. As in the integrity monitoring of satellite navigation:
 * a fault that cannot be seen must lie within what is claimed.
 */
export function unseenFaults(checked: Checked): Array<[number, number]> {
  const { members, solution, settings } = checked;
  const ellipse = ellipseOf(solution.covariance, settings.ellipseFloorMeters);
  const places = members.flatMap((suspect) => {
    const others = members.filter((heard) => heard !== suspect);
    const found = others.length === 3 ? exactPlaces(checked, others) : agreed(checked, others);
    return found.filter((place) => isBelievable(checked, suspect, place));
  });
  return places
    .map(({ east, north }): [number, number] => [east - solution.east, north - solution.north])
    .filter(([east, north]) => ellipseDistance(ellipse, east, north) > 1);
}

interface Place {
  east: number;
  north: number;
  emissionSeconds: number;
}

/** The place that the others agree on; with the ends of its ellipse where that is much the longer one. */
function agreed(checked: Checked, others: readonly HeardArrival[]): Place[] {
  const { solution, referenceNanos, air, settings } = checked;
  const found = fit({
    shots: [others],
    referenceNanos,
    air,
    settings,
    // From where it is now and from where three of them meet: the others may agree on quite another place.
    starts: [
      [solution.east, solution.north],
      ...exactPlaces(checked, others).map(({ east, north }) => [east, north] as const),
    ],
    bounds: { east: others[0].pole.east, north: others[0].pole.north, radiusMeters: HEARING_METERS },
    toleranceMeters: 0.5,
  });
  if (found.cost > BELIEVED_COST * others.length) return [];
  const place = { east: found.east, north: found.north, emissionSeconds: found.emissionSeconds[0] };
  const own = ellipseOf(found.covariance, 0);
  if (!(own.semiMajorMeters > WORSE * ellipseOf(solution.covariance, 0).semiMajorMeters)) return [place];
  const reach = Math.min(own.semiMajorMeters, HEARING_METERS);
  const azimuth = (own.azimuthDegrees * Math.PI) / 180;
  // Only the part of it that a believable fault allows counts, so it is walked in steps.
  return STEPS.map((step) => step * reach).map((along) => ({
    ...place,
    east: place.east + along * Math.sin(azimuth),
    north: place.north + along * Math.cos(azimuth),
  }));
}

function exactPlaces({ referenceNanos, air }: Checked, [a, b, c]: readonly HeardArrival[]): Place[] {
  const seconds = (heard: HeardArrival) => Number(heard.timeNanos - referenceNanos) / 1e9;
  const speed = air.soundSpeed;
  const meeting = new Float64Array(4);
  const found = threePoles(
    b.pole.east - a.pole.east,
    b.pole.north - a.pole.north,
    (seconds(b) - seconds(a)) * speed,
    c.pole.east - a.pole.east,
    c.pole.north - a.pole.north,
    (seconds(c) - seconds(a)) * speed,
    meeting,
  );
  return Array.from({ length: found }, (_, i) => [meeting[2 * i], meeting[2 * i + 1]])
    .filter(([east, north]) => Math.hypot(east, north) < HEARING_METERS)
    .map(([east, north]) => ({
      east: a.pole.east + east,
      north: a.pole.north + north,
      emissionSeconds: seconds(a) - Math.max(Math.hypot(east, north), SECOND_ROOT_METERS) / speed,
    }));
}

/** Would the suspect have to be wrong by no more than things go wrong? */
function isBelievable({ referenceNanos, air }: Checked, suspect: HeardArrival, place: Place): boolean {
  const { soundSpeed, windEast, windNorth } = air;
  const dx = suspect.pole.east - place.east;
  const dy = suspect.pole.north - place.north;
  const expected = place.emissionSeconds + travelSeconds(dx, dy, soundSpeed, windEast, windNorth);
  return Math.abs(Number(suspect.timeNanos - referenceNanos) / 1e9 - expected) < LARGEST_FAULT_SECONDS;
}
