export {
  noPublishCounters,
  type OutboxOutcome,
  type PublishCounters,
  type ReviewCounters,
} from './counters.js';
export { FloodLog, type FloodLogOptions } from './flood-log.js';
export { createLogger, scrub, silentLogger, type LogOptions, type Logger } from './log.js';
export { metricReference } from './metric-reference.js';
export { METRICS, type MetricName } from './metric-table.js';
export { Metrics } from './metrics.js';
