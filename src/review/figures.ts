import { wallClock } from '../config/index.js';
import type { Alert } from './alert.js';
import { share, type Estimate } from './interval.js';

/** What operators said of some alerts. Unconfirmed is not false: it is counted by itself. */
export interface Figures {
  alerts: number;
  confirmed: number;
  dismissed: number;
  unsure: number;
  /** No verdict at all. */
  unconfirmed: number;
  /** Confirmed of confirmed and dismissed. */
  precision?: Estimate;
  /** Confirmed of all alerts: the least that precision can be, as if all the others were false. */
  confirmedOfAll?: Estimate;
  /** Of the dismissed, by reason; `none` where none was given. */
  reasons: Record<string, number>;
}

export interface Group extends Figures {
  key: string;
}

export type Dimension = 'class' | 'pole' | 'hour' | 'zone';

export function figuresOf(alerts: readonly Alert[]): Figures {
  const count = (verdict: Alert['verdict']) => alerts.filter((alert) => alert.verdict === verdict).length;
  const [confirmed, dismissed] = [count('confirmed'), count('dismissed')];
  const precision = share(confirmed, confirmed + dismissed);
  const confirmedOfAll = share(confirmed, alerts.length);
  const reasons: Record<string, number> = {};
  for (const { verdict, reason = 'none' } of alerts)
    if (verdict === 'dismissed') reasons[reason] = (reasons[reason] ?? 0) + 1;
  return {
    alerts: alerts.length,
    confirmed,
    dismissed,
    unsure: count('unsure'),
    unconfirmed: count(undefined),
    ...(precision && { precision }),
    ...(confirmedOfAll && { confirmedOfAll }),
    reasons,
  };
}

/** The same, told apart; in the order of the keys. Alerts without that key (no pole, no zone) are under `none`. */
export function groupsOf(alerts: readonly Alert[], dimension: Dimension, timeZone = 'UTC'): Group[] {
  const groups = new Map<string, Alert[]>();
  for (const alert of alerts) {
    const key = keyOf(alert, dimension, timeZone);
    groups.set(key, [...(groups.get(key) ?? []), alert]);
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, members]) => ({ key, ...figuresOf(members) }));
}

function keyOf(alert: Alert, dimension: Dimension, timeZone: string): string {
  if (dimension === 'class') return alert.class;
  if (dimension !== 'hour') return alert[dimension] ?? 'none';
  const hour = Math.floor(wallClock(timeZone, alert.onsetMillis).minute / 60);
  return String(hour).padStart(2, '0');
}
