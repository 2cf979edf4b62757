import { ALERT_CLASSES } from './clip-list.js';
import {
  eventCounts,
  eventScore,
  sumCounts,
  type EventScore,
  type FoundEvent,
  type SoundEvent,
} from './events.js';
import { poissonUpperBound } from './poisson.js';
import { psds, PSDS_LOOSE, PSDS_SCENARIO_1 } from './psds.js';

/** Onset collar of the event-based score, and a wide one for what begins slowly, such as a crowd (`--check`'s). */
const COLLAR_SECONDS = 0.2;
const WIDE_COLLAR_SECONDS = 3.5;
const DAY_SECONDS = 86_400;

export interface FalseAlarms {
  count: number;
  poleHours: number;
  perPoleDay: number;
  /** One-sided 95 % bound of the rate, Poisson: what zero gives too. */
  upperBoundPerPoleDay: number;
}

export interface DetPoint {
  confidence: number;
  falseAlarmsPerPoleDay: number;
  missShare: number;
}

export interface StreamFigures {
  poleHours: number;
  /** By class and `all`, at the shipped thresholds. */
  events: Array<{ class: string; collarSeconds: number } & EventScore>;
  psdsScenario1: number;
  psdsLoose: number;
  falseAlarms: FalseAlarms;
  det: DetPoint[];
}

export interface StreamInput {
  truths: readonly SoundEvent[];
  shipped: readonly FoundEvent[];
  permissive: readonly FoundEvent[];
  /** Of sound, and how many poles heard it. */
  seconds: number;
  poles: number;
}

/** What a long stretch of sound with known truths says of the whole pipeline. Pure. */
export function streamFigures({ truths, shipped, permissive, seconds, poles }: StreamInput): StreamFigures {
  const hours = seconds / 3600;
  const poleSeconds = seconds * poles;
  const classes = ALERT_CLASSES.filter((name) => truths.some((truth) => truth.class === name));
  const events = [COLLAR_SECONDS, WIDE_COLLAR_SECONDS].flatMap((collarSeconds) => {
    const counts = eventCounts(truths, shipped, collarSeconds);
    const rows = [...counts].map(([name, count]) => ({ class: name, collarSeconds, ...eventScore(count) }));
    return [...rows, { class: 'all', collarSeconds, ...eventScore(sumCounts(counts.values())) }];
  });
  return {
    poleHours: poleSeconds / 3600,
    events,
    psdsScenario1: psds(truths, permissive, classes, hours, PSDS_SCENARIO_1),
    psdsLoose: psds(truths, permissive, classes, hours, PSDS_LOOSE),
    falseAlarms: falseAlarms(strays(truths, shipped).length, poleSeconds),
    det: detCurve(truths, permissive, poleSeconds),
  };
}

export function falseAlarms(count: number, poleSeconds: number): FalseAlarms {
  const days = poleSeconds / DAY_SECONDS;
  return {
    count,
    poleHours: poleSeconds / 3600,
    perPoleDay: count / days,
    upperBoundPerPoleDay: poissonUpperBound(count) / days,
  };
}

/** Alerts that no truth explains: none of their file lasted, by the wide collar, while they did. */
export function strays(truths: readonly SoundEvent[], found: readonly FoundEvent[]): FoundEvent[] {
  return found.filter(
    (event) =>
      !truths.some(
        (truth) =>
          truth.file === event.file &&
          event.onset >= truth.onset - WIDE_COLLAR_SECONDS &&
          event.onset <= truth.offset + WIDE_COLLAR_SECONDS,
      ),
  );
}

/** Missed share of the truths against false alarms a pole-day, over every confidence; a truth is found by any alert of its class. */
export function detCurve(
  truths: readonly SoundEvent[],
  found: readonly FoundEvent[],
  poleSeconds: number,
): DetPoint[] {
  const stray = new Set(strays(truths, found));
  const bestOf = truths.map((truth) =>
    found
      .filter((event) => event.class === truth.class && strays([truth], [event]).length === 0)
      .reduce((best, { score }) => Math.max(best, score), -1),
  );
  const confidences = [...new Set(found.map(({ score }) => score))].sort((a, b) => b - a);
  return confidences.map((confidence) => ({
    confidence,
    falseAlarmsPerPoleDay:
      (found.filter((event) => stray.has(event) && event.score >= confidence).length * DAY_SECONDS) /
      poleSeconds,
    missShare: bestOf.filter((score) => score < confidence).length / Math.max(1, truths.length),
  }));
}
