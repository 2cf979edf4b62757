import type { EventData, ReplayReport } from '../types.js';

/** The last revision of each incident, in order of first appearance. */
export function lastOf(report: ReplayReport): EventData[] {
  const last = new Map<string, EventData>();
  for (const { event } of report.events) last.set(event.data.incidentId, event.data);
  return [...last.values()];
}
