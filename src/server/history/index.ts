export { historyRoutes } from './routes.js';
export { toCsv, toGeoJson } from './export.js';
export { EventHistoryReader } from './follow-events.js';
export { IncidentIndex } from './incident-index.js';
export { summaryOf, type IncidentSummary } from './incident-summary.js';
export { findAll, findPage, readFilter, readPage } from './query.js';
export { statisticsOf, type Statistics } from './statistics.js';
