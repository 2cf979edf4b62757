import type { CloudEvent } from '../../publish/index.js';
import { summaryOf, type IncidentSummary } from './incident-summary.js';

export interface IndexedIncident {
  summary: IncidentSummary;
  onsetMillis: number;
  /** When its last message was stored. */
  storedMillis: number;
  /** Where each revision lies in EVENTS, in the order stored. */
  sequences: number[];
}

/**
 * The last revision of every incident that EVENTS still holds, by onset. EVENTS itself stays the one database: this is
 * built from it at start, follows it, and forgets what it forgets.
 */
export class IncidentIndex {
  readonly #byId = new Map<string, IndexedIncident>();
  /** Ascending by onset, then id. */
  #ordered: IndexedIncident[] = [];
  readonly #listeners = new Set<(event: CloudEvent, storedMillis: number) => void>();
  /** Whether all that EVENTS held at start is in. */
  complete = false;

  get size(): number {
    return this.#byId.size;
  }

  add(event: CloudEvent, sequence: number, storedMillis: number): void {
    const { incidentId, revision } = event.data;
    const known = this.#byId.get(incidentId);
    if (known) {
      if (!known.sequences.includes(sequence)) known.sequences.push(sequence);
      known.storedMillis = storedMillis;
      if (revision >= known.summary.revision) {
        known.summary = summaryOf(event);
        this.#move(known, Date.parse(event.data.onset));
      }
    } else {
      const incident = {
        summary: summaryOf(event),
        onsetMillis: Date.parse(event.data.onset),
        storedMillis,
        sequences: [sequence],
      };
      this.#byId.set(incidentId, incident);
      this.#insert(incident);
    }
    for (const listener of this.#listeners) listener(event, storedMillis);
  }

  get(incidentId: string): IndexedIncident | undefined {
    return this.#byId.get(incidentId);
  }

  /** From the newest onset back; one that is before `cursor` where it is given. */
  *newestFirst(cursor?: { onsetMillis: number; incidentId: string }): Generator<IndexedIncident> {
    let at = cursor ? this.#placeOf(cursor.onsetMillis, cursor.incidentId) - 1 : this.#ordered.length - 1;
    for (; at >= 0; at--) yield this.#ordered[at];
  }

  /** What EVENTS has let go (messages older than `beforeMillis`) goes here too. */
  forget(beforeMillis: number): void {
    const kept = this.#ordered.filter(({ storedMillis }) => storedMillis >= beforeMillis);
    if (kept.length === this.#ordered.length) return;
    for (const { storedMillis, summary } of this.#ordered)
      if (storedMillis < beforeMillis) this.#byId.delete(summary.incidentId);
    this.#ordered = kept;
  }

  /** Called with each event as it comes; gives the function that ends it. */
  follow(listener: (event: CloudEvent, storedMillis: number) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** An onset moves by milliseconds as a place becomes known. */
  #move(incident: IndexedIncident, onsetMillis: number): void {
    if (onsetMillis === incident.onsetMillis) return;
    const at = this.#placeOf(incident.onsetMillis, incident.summary.incidentId);
    this.#ordered.splice(at, 1);
    incident.onsetMillis = onsetMillis;
    this.#insert(incident);
  }

  #insert(incident: IndexedIncident): void {
    this.#ordered.splice(this.#placeOf(incident.onsetMillis, incident.summary.incidentId), 0, incident);
  }

  /** Index of the first that is not before that onset and id. */
  #placeOf(onsetMillis: number, incidentId: string): number {
    let low = 0;
    let high = this.#ordered.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const { onsetMillis: there, summary } = this.#ordered[middle];
      const before = there < onsetMillis || (there === onsetMillis && summary.incidentId < incidentId);
      if (before) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
