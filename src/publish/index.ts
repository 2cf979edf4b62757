export {
  CLOUD_EVENT_CONTENT_TYPE,
  type CloudEvent,
  type EventContext,
  type ModelIdentity,
} from './cloud-event.js';
export { composeEvent, eventId, eventSubject } from './event.js';
export {
  eventDataSchema,
  eventJsonSchema,
  type EventData,
  type LatencySeconds,
  type PoleData,
  type Review,
} from './event-schema.js';
export { ageSeconds } from './age.js';
export { addressOptions } from './address-options.js';
export { connectNats, dial, natsConnectionOptions } from './connection.js';
export type { OutboxState } from './outbox-state.js';
export { readStream, type ReadOptions } from './read-stream.js';
export { Slices } from './slices.js';
export { Publisher, type PublisherOptions } from './publisher.js';
export {
  ensureStreams,
  type EnsureStreamsOptions,
  STREAMS,
  type StreamName,
  type StreamReport,
} from './streams.js';
export { natsConf, passwordVariable, type Proof } from './rights/nats-conf.js';
export { NATS_ROLES, siteRights, type NatsRole, type UserRights } from './rights/rights.js';
export {
  endOfEvents,
  incidentFromData,
  openIncidents,
  readEvent,
  readEventsFrom,
  readRecentEvents,
} from './takeover.js';
export { StepLedger, type SaidStep } from './step-ledger.js';
