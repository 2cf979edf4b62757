import { DeliverPolicy, type NatsConnection } from 'nats';
import { parseTime } from '../audio/index.js';
import type { ErrorEllipse, Incident } from '../locate/index.js';
import type { CloudEvent } from './cloud-event.js';
import type { EventData } from './event-schema.js';
import { STREAMS } from './streams.js';

/** What a locator that takes over needs to know of: longer than any quiet crowd stays open between two events. */
const LOOK_BACK_MILLIS = 10 * 60_000;
/** A server that says nothing for so long has nothing more. */
const IDLE_MILLIS = 2000;

/** The events of a site of the last ten minutes, oldest first; all of them, exercises too. */
export async function readRecentEvents(nc: NatsConnection, site: string): Promise<CloudEvent[]> {
  const consumer = await nc.jetstream().consumers.get(STREAMS.EVENTS.name, {
    filterSubjects: `events.${site}.*`,
    deliver_policy: DeliverPolicy.StartTime,
    opt_start_time: new Date(Date.now() - LOOK_BACK_MILLIS).toISOString(),
  });
  const events: CloudEvent[] = [];
  const { num_pending: pending } = await consumer.info();
  if (pending === 0) return events;
  const messages = await consumer.fetch({ max_messages: pending, expires: IDLE_MILLIS });
  for await (const message of messages) {
    events.push(message.json<CloudEvent>());
    if (message.info.pending === 0) break;
  }
  return events;
}

/** The incidents that those events leave open, at their last revision. */
export function openIncidents(events: readonly CloudEvent[]): Incident[] {
  const last = new Map<string, EventData>();
  for (const { data } of events) {
    if (data.revision >= (last.get(data.incidentId)?.revision ?? 0)) last.set(data.incidentId, data);
  }
  return [...last.values()].filter(({ state }) => state !== 'closed').map(incidentOf);
}

/** An event's data back as the incident it tells of, to the event's precision; the poles past the 12th are gone. */
function incidentOf(data: EventData): Incident {
  const { location, area, shots, poles, reasons, accuracy, bearingDegrees, bearingUncertaintyDegrees } = data;
  return {
    incidentId: data.incidentId,
    revision: data.revision,
    class: data.class,
    confidence: data.confidence,
    onsetNanos: parseTime(data.onset),
    onsetUncertaintySeconds: data.onsetUncertaintySeconds ?? 0,
    durationSeconds: data.durationSeconds ?? 0,
    method: data.method,
    ...(location && { location: [location.coordinates[0], location.coordinates[1]] as const }),
    ...(accuracy && { accuracy: accuracy as ErrorEllipse }),
    ...(data.insideHull !== undefined && { insideHull: data.insideHull }),
    ...(data.conditionNumber !== undefined && { conditionNumber: data.conditionNumber }),
    ...(bearingDegrees !== undefined && { bearingDegrees }),
    ...(bearingUncertaintyDegrees !== undefined && { bearingUncertaintyDegrees }),
    ...(area && { area: area.coordinates[0].map(([lon, lat]) => [lon, lat] as const) }),
    ...(data.weather && { weather: present(data.weather) }),
    ...(shots && {
      shots: {
        count: shots.count,
        timesNanos: (shots.times ?? []).map(parseTime),
        automatic: shots.automatic,
      },
    }),
    levelDb: data.levelDb ?? 0,
    polesHeard: data.polesHeard,
    polesSilent: data.polesSilent,
    poles: poles.map((one) => ({
      pole: one.pole,
      arrivalNanos: parseTime(one.arrival),
      ...(one.clockUncertaintySeconds !== undefined && {
        clockUncertaintySeconds: one.clockUncertaintySeconds,
      }),
      score: one.score,
      snrDb: one.snrDb ?? 0,
      ...(one.residualSeconds !== undefined && { residualSeconds: one.residualSeconds }),
      ...(one.features && { features: one.features }),
    })),
    reasons: (reasons ?? []).map(({ class: name, score, text }) => ({
      class: name,
      ...(score !== undefined && { score }),
      text,
    })),
  };
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };
function present<T extends object>(values: T): Present<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Present<T>;
}
