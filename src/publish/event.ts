import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { formatTime } from '../audio/index.js';
import type { EventClass } from '../config/index.js';
import type { IncidentStep } from '../locate/index.js';
import { composeData } from './event-data.js';
import { contentOf, type CloudEvent, type EventContext } from './cloud-event.js';
import type { EventData } from './event-schema.js';
import { fit } from './event-size.js';

/** Pure: the same step and context always give the same message. */
export function composeEvent(step: IncidentStep, context: EventContext): CloudEvent {
  const { change, incident } = step;
  const event: CloudEvent = {
    specversion: '1.0',
    id: `${incident.incidentId}.${'0'.repeat(16)}`,
    type: `clameur.incident.${change}.v1`,
    source: `/clameur/${context.site}${context.exercise ? '/exercise' : ''}`,
    subject: incident.incidentId,
    time: formatTime(incident.onsetNanos),
    datacontenttype: 'application/json',
    data: composeData(step, context),
  };
  const data = fit(event);
  return { ...event, id: eventId(data), data };
}

/**
 * `<incidentId>.<16 hex digits of SHA-256 of the canonical data (RFC 8785) without latencySeconds and revision>`:
 * the same content has the same id on every try and from every process.
 */
export function eventId(data: EventData): string {
  const canonical = canonicalize(contentOf(data)) as string;
  return `${data.incidentId}.${createHash('sha256').update(canonical).digest('hex').slice(0, 16)}`;
}

/** Where an event goes. */
export function eventSubject(site: string, eventClass: EventClass): string {
  return `events.${site}.${eventClass}`;
}
