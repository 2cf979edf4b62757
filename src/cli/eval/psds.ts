import type { FoundEvent, SoundEvent } from './events.js';

export interface PsdsOptions {
  /** Share of a found event that must lie on truths of its class, or it is a false alarm (detection tolerance). */
  detectionTolerance: number;
  /** Share of a truth that found events must cover (ground truth intersection). */
  truthIntersection: number;
  /** Weight of the spread between classes. */
  instabilityWeight: number;
  /** False alarms an hour up to which the area counts. */
  mostFalseAlarmsPerHour: number;
}

/** DCASE's scenario 1: the time of an event matters. */
export const PSDS_SCENARIO_1: PsdsOptions = {
  detectionTolerance: 0.7,
  truthIntersection: 0.7,
  instabilityWeight: 1,
  mostFalseAlarmsPerHour: 100,
};
/** As little as a tenth must overlap: whether something was found at all. */
export const PSDS_LOOSE: PsdsOptions = {
  ...PSDS_SCENARIO_1,
  detectionTolerance: 0.1,
  truthIntersection: 0.1,
};

/** Found share of the truths at most so many false alarms an hour; rising in both. */
interface Step {
  perHour: number;
  share: number;
}

/**
 * Polyphonic sound detection score without a penalty for cross triggers: the normalised area under the mean (minus
 * `instabilityWeight` standard deviations) over classes of the stair of found share against false alarms an hour, over
 * every threshold (Bilen et al. 2020, ICASSP; exact as Ebbers, Serizel, Haeb-Umbach 2022, ICASSP; sed_scores_eval).
 * From 0 to 1. Classes without a truth count as never found, as there.
 */
export function psds(
  truths: readonly SoundEvent[],
  found: readonly FoundEvent[],
  classes: readonly string[],
  hours: number,
  options: PsdsOptions,
): number {
  const stairs = classes.map((name) => {
    const own = <T extends SoundEvent>(events: readonly T[]) => events.filter((one) => one.class === name);
    return stairOf(own(truths), own(found), hours, options);
  });
  const most = options.mostFalseAlarmsPerHour;
  const edges = [...new Set(stairs.flat().map(({ perHour }) => perHour))].sort((a, b) => a - b);
  let area = 0;
  edges.forEach((edge, i) => {
    const shares = stairs.map((stair) => stair.findLast(({ perHour }) => perHour <= edge)?.share ?? 0);
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    const spread = Math.sqrt(shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / shares.length);
    const width = Math.min(edges[i + 1] ?? most, most) - edge;
    area += Math.max(0, mean - options.instabilityWeight * spread) * Math.max(0, width);
  });
  return area / most;
}

function stairOf(
  truths: readonly SoundEvent[],
  found: readonly FoundEvent[],
  hours: number,
  options: PsdsOptions,
): Step[] {
  const thresholds = [...new Set(found.map(({ score }) => score))].sort((a, b) => b - a);
  const steps = thresholds.map((threshold) =>
    stepAt(
      truths,
      found.filter(({ score }) => score >= threshold),
      hours,
      options,
    ),
  );
  steps.push({ perHour: 0, share: 0 });
  steps.sort((a, b) => a.perHour - b.perHour || a.share - b.share);
  const stair: Step[] = [];
  let best = 0;
  for (const { perHour, share } of steps) {
    if (perHour > options.mostFalseAlarmsPerHour) break;
    best = Math.max(best, share);
    stair.push({ perHour, share: best });
  }
  return stair;
}

function stepAt(
  truths: readonly SoundEvent[],
  found: readonly FoundEvent[],
  hours: number,
  { detectionTolerance, truthIntersection }: PsdsOptions,
): Step {
  const covered = truths.map(() => 0);
  let falseAlarms = 0;
  for (const event of found) {
    const shared = truths.map((truth) => overlap(truth, event));
    const total = shared.reduce((sum, seconds) => sum + seconds, 0);
    if (micro(total) < micro(detectionTolerance * (event.offset - event.onset))) falseAlarms++;
    else shared.forEach((seconds, i) => (covered[i] += seconds));
  }
  const hits = truths.filter(
    ({ onset, offset }, i) => micro(covered[i]) >= micro(truthIntersection * (offset - onset)),
  );
  return { perHour: falseAlarms / hours, share: hits.length / Math.max(1, truths.length) };
}

function overlap(a: SoundEvent, b: SoundEvent): number {
  return a.file === b.file ? Math.max(0, Math.min(a.offset, b.offset) - Math.max(a.onset, b.onset)) : 0;
}

/** Whole microseconds: sums of seconds that should be equal are. */
function micro(seconds: number): number {
  return Math.round(seconds * 1e6);
}
