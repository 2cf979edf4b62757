import type { CloudEvent } from './cloud-event.js';

/** Incidents whose contents are remembered; more than any site has open at a time. */
const INCIDENTS = 5000;

interface Said {
  ids: Set<string>;
  last: CloudEvent;
}

/**
 * What was already said of each incident. The id of an event comes from its content alone, and NATS drops an id it has
 * seen within 24 h. So an incident that goes from content A to B and back to A would leave the hub at B: the third
 * message then carries `recurrence`, which makes its content, and so its id, its own. The same content twice in a row
 * tells nothing and is not sent.
 */
export class EventHistory {
  readonly #said = new Map<string, Said>();

  /** Composes with the lowest recurrence whose id is new; undefined where the last message said the very same. */
  compose(make: (recurrence: number) => CloudEvent): CloudEvent | undefined {
    for (let recurrence = 1; ; recurrence++) {
      const event = make(recurrence);
      const said = this.#said.get(event.data.incidentId);
      if (said?.last.id === event.id) return undefined;
      if (said?.ids.has(event.id)) continue;
      this.add(event);
      return event;
    }
  }

  /** In any order: the highest revision is the last. */
  add(event: CloudEvent): void {
    const { incidentId, revision } = event.data;
    const said = this.#said.get(incidentId) ?? { ids: new Set<string>(), last: event };
    said.ids.add(event.id);
    if (revision >= said.last.data.revision) said.last = event;
    // Moved to the end: the map's order is by last use, and its first goes when it is full.
    this.#said.delete(incidentId);
    this.#said.set(incidentId, said);
    if (this.#said.size > INCIDENTS) this.#said.delete(this.#said.keys().next().value!);
  }

  lastOf(incidentId: string): CloudEvent | undefined {
    return this.#said.get(incidentId)?.last;
  }

  /** The last event of each incident, the incident that was last spoken of first. */
  last(): CloudEvent[] {
    return [...this.#said.values()].reverse().map(({ last }) => last);
  }
}
