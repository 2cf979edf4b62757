import type { EventClass } from '../config/index.js';
import type { Alert } from './alert.js';

/** With fewer verdicts a threshold would be chance. */
const FEWEST_CONFIRMED = 5;
const FEWEST_DISMISSED = 3;

/** A threshold that verdicts speak for, for a person to put into the configuration; nothing applies it. */
export interface Suggestion {
  pole: string;
  class: EventClass;
  /** Score from which the pole would count as having heard it (`on`). */
  on: number;
  /** Dismissed alerts with that pole nearest whose score was below it, of all dismissed there. */
  avoids: number;
  dismissed: number;
  /** No confirmed one was below it; of so many (so up to 3 in that many may be, 95 %). */
  confirmed: number;
}

/**
 * For each pole and class the highest threshold that would have kept every confirmed alert whose nearest pole it was,
 * where that is above some of the dismissed. Other poles may still have carried an alert: it is a bound, not a forecast.
 */
export function suggestThresholds(alerts: readonly Alert[]): Suggestion[] {
  const groups = new Map<string, Alert[]>();
  for (const alert of alerts) {
    if (alert.pole === undefined || alert.score === undefined) continue;
    const key = `${alert.pole} ${alert.class}`;
    groups.set(key, [...(groups.get(key) ?? []), alert]);
  }
  return [...groups.values()].flatMap((group) => {
    const scores = (verdict: Alert['verdict']) =>
      group.filter((alert) => alert.verdict === verdict).map(({ score }) => score!);
    const [confirmed, dismissed] = [scores('confirmed'), scores('dismissed')];
    if (confirmed.length < FEWEST_CONFIRMED || dismissed.length < FEWEST_DISMISSED) return [];
    const on = Math.min(...confirmed);
    const avoids = dismissed.filter((score) => score < on).length;
    if (avoids === 0) return [];
    const { pole, class: eventClass } = group[0];
    return [
      {
        pole: pole!,
        class: eventClass,
        on,
        avoids,
        dismissed: dismissed.length,
        confirmed: confirmed.length,
      },
    ];
  });
}
