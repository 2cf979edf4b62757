export { FloodLog, type FloodLogOptions } from './flood-log.js';
export { createLogger, scrub, silentLogger, type LogOptions, type Logger } from './log.js';
export { Metrics, noPublishCounters, type OutboxOutcome, type PublishCounters } from './metrics.js';
