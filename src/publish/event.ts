import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { formatTime } from '../audio/index.js';
import type { EventClass } from '../config/index.js';
import type { IncidentChange, IncidentStep } from '../locate/index.js';
import { composeData } from './event-data.js';
import type { EventData, LatencySeconds, Review } from './event-schema.js';
import { fit } from './event-size.js';

/** The model that judged: every event names it. */
export interface ModelIdentity {
  name: string;
  version: string;
  sha256: string;
}

export interface EventContext {
  site: string;
  exercise: boolean;
  model: ModelIdentity;
  latencySeconds?: LatencySeconds;
  review?: Review;
  /** The incident was closed before: an update by a verdict or a late arrival does not open it again. */
  closed?: boolean;
  /** How often this content has come (2 = again); see Publisher. */
  recurrence?: number;
}

/** CloudEvents 1.0, structured mode. */
export interface CloudEvent {
  specversion: '1.0';
  id: string;
  type: `clameur.incident.${IncidentChange}.v1`;
  source: string;
  subject: string;
  time: string;
  datacontenttype: 'application/json';
  data: EventData;
}

export const CLOUD_EVENT_CONTENT_TYPE = 'application/cloudevents+json';

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
  const { latencySeconds: _latency, revision: _revision, ...content } = data;
  const canonical = canonicalize(content) as string;
  return `${data.incidentId}.${createHash('sha256').update(canonical).digest('hex').slice(0, 16)}`;
}

/** Where an event goes. */
export function eventSubject(site: string, eventClass: EventClass): string {
  return `events.${site}.${eventClass}`;
}
