import type { IncidentChange } from '../locate/index.js';
import type { EventData, LatencySeconds, Review } from './event-schema.js';

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

/** What the id is made from: the data without what differs from try to try and from process to process. */
export function contentOf(data: EventData): Omit<EventData, 'latencySeconds' | 'revision'> {
  const content: Partial<EventData> = { ...data };
  delete content.latencySeconds;
  delete content.revision;
  return content as Omit<EventData, 'latencySeconds' | 'revision'>;
}
