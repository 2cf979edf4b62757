import { EVENT_CLASSES } from '../config/index.js';
import type { ReviewCounters } from '../telemetry/index.js';
import { alertsOf } from './alert.js';
import { groupsOf, type Dimension } from './figures.js';
import type { RecordedVerdict } from './verdict.js';

/** Long enough for intervals that say something, short enough for a new building site to show. */
export const PRECISION_DAYS = 30;
const DAY_MILLIS = 86_400_000;
const DIMENSIONS: readonly Dimension[] = ['class', 'pole', 'hour', 'zone'];

/** Measured precision of the last 30 days, for the metrics; the same reckoning as in reports. */
export class PrecisionBook {
  readonly #counters: ReviewCounters;
  readonly #timeZone: string;
  #verdicts: RecordedVerdict[] = [];

  constructor(counters: ReviewCounters, timeZone = 'UTC') {
    this.#counters = counters;
    this.#timeZone = timeZone;
  }

  add(verdicts: readonly RecordedVerdict[], nowMillis: number): void {
    this.#verdicts.push(...verdicts);
    this.refresh(nowMillis);
  }

  /** What is older than the span drops out. */
  refresh(nowMillis: number): void {
    const fromMillis = nowMillis - PRECISION_DAYS * DAY_MILLIS;
    this.#verdicts = this.#verdicts.filter(({ incident }) => Date.parse(incident.onset) >= fromMillis);
    const span = { fromMillis, toMillis: Infinity, zoneOf: () => undefined };
    const alerts = alertsOf([], this.#verdicts, span);
    for (const dimension of DIMENSIONS) {
      const judged = groupsOf(alerts, dimension, this.#timeZone).flatMap(({ key, precision }) =>
        precision ? [{ key, ...precision }] : [],
      );
      this.#counters.precisionBy(dimension, judged);
      if (dimension !== 'class') continue;
      for (const name of EVENT_CLASSES)
        this.#counters.precision(name, judged.find(({ key }) => key === name)?.value);
    }
  }
}
