export {
  CLOUD_EVENT_CONTENT_TYPE,
  composeEvent,
  eventId,
  eventSubject,
  type CloudEvent,
  type EventContext,
  type ModelIdentity,
} from './event.js';
export {
  eventDataSchema,
  eventJsonSchema,
  type EventData,
  type LatencySeconds,
  type PoleData,
  type Review,
} from './event-schema.js';
