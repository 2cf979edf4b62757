import { z } from 'zod';
import { EVENT_CLASSES, type EventClass } from '../config/index.js';

/** What one process heard and told in a span of at most an hour: what figures are reckoned against. No sound, no place. */
export const tallySchema = z.object({
  site: z.string(),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  /** Seconds of sound by pole. */
  soundSeconds: z.record(z.string(), z.number()),
  alerts: z.array(
    z.object({ class: z.enum(EVENT_CLASSES), zone: z.string().optional(), count: z.int().min(1) }),
  ),
});
export type TallyRecord = z.output<typeof tallySchema>;

/** Counts until it is read. */
export class Tally {
  readonly #site: string;
  readonly #now: () => number;
  #fromMillis: number;
  readonly #soundSeconds = new Map<string, number>();
  readonly #alerts = new Map<string, { class: EventClass; zone?: string; count: number }>();

  constructor(site: string, now: () => number = Date.now) {
    this.#site = site;
    this.#now = now;
    this.#fromMillis = now();
  }

  sound(pole: string, seconds: number): void {
    this.#soundSeconds.set(pole, (this.#soundSeconds.get(pole) ?? 0) + seconds);
  }

  alert(eventClass: EventClass, zone: string | undefined): void {
    const key = `${eventClass} ${zone ?? ''}`;
    const known = this.#alerts.get(key);
    if (known) known.count++;
    else this.#alerts.set(key, { class: eventClass, count: 1, ...(zone !== undefined && { zone }) });
  }

  /** What was counted since the last `reset`. */
  read(): TallyRecord {
    return {
      site: this.#site,
      from: new Date(this.#fromMillis).toISOString(),
      to: new Date(Math.max(this.#now(), this.#fromMillis)).toISOString(),
      soundSeconds: Object.fromEntries(
        [...this.#soundSeconds].map(([pole, seconds]) => [pole, Math.round(seconds * 10) / 10]),
      ),
      alerts: [...this.#alerts.values()].map((alert) => ({ ...alert })),
    };
  }

  /** What `record` told is kept elsewhere now; what came after it goes on being counted. */
  reset(record: TallyRecord): void {
    this.#fromMillis = Date.parse(record.to);
    for (const [pole, seconds] of Object.entries(record.soundSeconds)) {
      const left = (this.#soundSeconds.get(pole) ?? 0) - seconds;
      if (left > 0.1) this.#soundSeconds.set(pole, left);
      else this.#soundSeconds.delete(pole);
    }
    for (const { class: eventClass, zone, count } of record.alerts) {
      const key = `${eventClass} ${zone ?? ''}`;
      const known = this.#alerts.get(key);
      if (!known) continue;
      known.count -= count;
      if (known.count <= 0) this.#alerts.delete(key);
    }
  }
}
