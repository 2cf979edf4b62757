import { formatTime, parseTime, secondsBetween } from '../audio/index.js';
import type { Truth } from '../config/index.js';
import type { Scene } from '../feeds/index.js';
import type { EventData } from '../publish/index.js';
import { LocalPlane } from '../locate/index.js';

/** Limits of design.md, "Scenes". */
const TIME_SECONDS = 0.5;
const TIME_SECONDS_IF_NOT_LOCATED = 3.5;
const PLACE_METERS = 25;

export interface Match {
  truth: Truth;
  event?: EventData;
  /** Distance of the event's point from the true place, where both are known. */
  errorMeters?: number;
  /** What differs; empty = as it should be. */
  problems: string[];
}

export interface CheckResult {
  matches: Match[];
  /** Incidents that no truth explains. */
  unexpected: EventData[];
  ok: boolean;
}

/**
 * Compares the last revision of each incident with a scene's truth: class, time, shots, place, and nothing besides.
 * What a truth leaves out is not checked. Each incident explains one truth, the one it fits with fewest problems.
 */
export function checkIncidents(truths: readonly Truth[], events: readonly EventData[]): CheckResult {
  const left = new Set(events);
  const matches = truths.map((truth): Match => {
    const candidates = [...left]
      .map((event) => compare(truth, event))
      .sort((a, b) => a.problems.length - b.problems.length);
    const best = candidates.find(({ event }) => event!.class === truth.class) ?? candidates[0];
    const usable = best && (best.event!.class === truth.class || events.length <= truths.length);
    if (!usable) return { truth, problems: ['not heard'] };
    left.delete(best.event!);
    return best;
  });
  const unexpected = [...left];
  return {
    matches,
    unexpected,
    ok: unexpected.length === 0 && matches.every(({ problems }) => problems.length === 0),
  };
}

/** A scene's truth when its sound is played as if it began at `startAtMillis`. */
export function shiftTruth(scene: Pick<Scene, 'truth' | 'recordings'>, startAtMillis: number): Truth[] {
  const first = scene.recordings.map(({ startNanos }) => startNanos).reduce((a, b) => (b < a ? b : a));
  const shift = BigInt(Math.round(startAtMillis)) * 1_000_000n - first;
  return scene.truth.map((truth) => ({
    ...truth,
    ...(truth.time !== undefined && { time: formatTime(parseTime(truth.time) + shift) }),
  }));
}

function compare(truth: Truth, event: EventData): Match {
  const problems: string[] = [];
  if (event.class !== truth.class) problems.push(`class is ${event.class}`);
  if (truth.time !== undefined) {
    const off = secondsBetween(parseTime(truth.time), parseTime(event.onset));
    const limit = event.method === 'multilateration' ? TIME_SECONDS : TIME_SECONDS_IF_NOT_LOCATED;
    if (Math.abs(off) > limit) problems.push(`time is off by ${off.toFixed(2)} s`);
  }
  if (truth.shots !== undefined && event.shots?.count !== truth.shots) {
    problems.push(`shots: ${event.shots?.count ?? 'none'} instead of ${truth.shots}`);
  }
  let errorMeters: number | undefined;
  if (truth.location && event.location) {
    errorMeters = Math.hypot(
      ...new LocalPlane(truth.location).toPlane(event.location.coordinates as [number, number]),
    );
  }
  if (truth.location) {
    const limit = PLACE_METERS + (truth.accuracyMeters ?? 0);
    if (errorMeters === undefined) problems.push('no place');
    else if (errorMeters > limit) problems.push(`place is off by ${errorMeters.toFixed(0)} m`);
  }
  return { truth, event, problems, ...(errorMeters !== undefined && { errorMeters }) };
}
