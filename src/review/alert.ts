import type { EventClass } from '../config/index.js';
import type { CloudEvent, EventData } from '../publish/index.js';
import type { RecordedVerdict, Verdict } from './verdict.js';

/** One incident that operators were told of, and what they said. */
export interface Alert {
  incidentId: string;
  class: EventClass;
  onsetMillis: number;
  confidence: number;
  /** The nearest pole that took part, and its score. */
  pole?: string;
  score?: number;
  zone?: string;
  verdict?: Verdict;
  reason?: string;
  /** Sound to message, of the first message. */
  latencySeconds?: number;
}

export type ZoneOf = (event: Pick<CloudEvent, 'data'>) => string | undefined;

/**
 * The incidents that began in the span, by what EVENTS tells of them (ten days) and what VERDICTS still tells of those
 * that have gone from there. Exercises are none. The last revision and the last verdict count.
 */
export function alertsOf(
  events: Iterable<CloudEvent>,
  verdicts: Iterable<RecordedVerdict>,
  { fromMillis, toMillis, zoneOf }: { fromMillis: number; toMillis: number; zoneOf: ZoneOf },
): Alert[] {
  const last = new Map<string, EventData>();
  const latency = new Map<string, number>();
  for (const { data } of events) {
    if (data.exercise) continue;
    const { incidentId, revision, latencySeconds } = data;
    if (revision >= (last.get(incidentId)?.revision ?? 0)) last.set(incidentId, data);
    if (revision === 1 && latencySeconds?.total !== undefined) latency.set(incidentId, latencySeconds.total);
  }
  const alerts = new Map<string, Alert>();
  for (const data of last.values()) {
    const zone = zoneOf({ data });
    const seconds = latency.get(data.incidentId);
    alerts.set(data.incidentId, {
      ...pick(data.incidentId, data.class, data.onset, data.confidence),
      ...(data.poles[0] && { pole: data.poles[0].pole, score: data.poles[0].score }),
      ...(zone !== undefined && { zone }),
      ...(seconds !== undefined && { latencySeconds: seconds }),
    });
  }
  for (const { incidentId, verdict, reason, incident } of verdicts) {
    if (incident.exercise) continue;
    const known =
      alerts.get(incidentId) ?? pick(incidentId, incident.class, incident.onset, incident.confidence);
    const { pole, score, zone } = incident;
    const alert: Alert = { ...definite({ pole, score, zone }), ...known, verdict };
    delete alert.reason;
    if (reason !== undefined) alert.reason = reason;
    alerts.set(incidentId, alert);
  }
  return [...alerts.values()].filter(
    ({ onsetMillis }) => onsetMillis >= fromMillis && onsetMillis < toMillis,
  );
}

function pick(incidentId: string, eventClass: EventClass, onset: string, confidence: number): Alert {
  return { incidentId, class: eventClass, onsetMillis: Date.parse(onset), confidence };
}

function definite<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
