import type { NatsConnection } from 'nats';
import { parseTime } from '../audio/index.js';
import type { Incident } from '../locate/index.js';
import type { CloudEvent } from './cloud-event.js';
import { eventDataSchema, type EventData, type PoleData } from './event-schema.js';
import { readStream } from './read-stream.js';
import { Slices } from './slices.js';

/** As far back as NATS knows duplicates: what is older cannot be taken for one. */
const REACH_HOURS = 24;
/** The newest; a day has more only when something is wrong. */
const MOST_EVENTS = 20_000;

/** The site's events of the last day in EVENTS, oldest first. What is no event of ours there is passed over. */
export async function readRecentEvents(nc: NatsConnection, site: string): Promise<CloudEvent[]> {
  // Looked at only once it is known which are the newest: that takes longer than reading them.
  let texts: string[] = [];
  const since = new Date(Date.now() - REACH_HOURS * 3_600_000);
  await readStream(nc, 'EVENTS', { subject: `events.${site}.>`, since }, (message) => {
    texts.push(message.string());
    if (texts.length > 2 * MOST_EVENTS) texts = texts.slice(-MOST_EVENTS);
  });
  const slices = new Slices();
  const events: CloudEvent[] = [];
  for (const text of texts.slice(-MOST_EVENTS)) {
    const event = readEvent(text);
    if (event) events.push(event);
    if (slices.due) await slices.rest();
  }
  return events;
}

/** The site's events from a place in EVENTS on, oldest first, and the place after the last. */
export async function readEventsFrom(
  nc: NatsConnection,
  site: string,
  fromSequence: number,
): Promise<{ events: CloudEvent[]; nextSequence: number }> {
  const events: CloudEvent[] = [];
  let nextSequence = fromSequence;
  await readStream(nc, 'EVENTS', { subject: `events.${site}.>`, fromSequence }, (message) => {
    nextSequence = message.seq + 1;
    const event = readEvent(message.string());
    if (event) events.push(event);
  });
  return { events, nextSequence };
}

/** Where EVENTS ends now: what comes after is told from here on. */
export async function endOfEvents(nc: NatsConnection): Promise<number> {
  const { state } = await (await nc.jetstreamManager()).streams.info('EVENTS');
  return state.last_seq + 1;
}

/** An event of ours from its JSON; undefined where it is not one. */
export function readEvent(text: string): CloudEvent | undefined {
  try {
    const event = JSON.parse(text) as CloudEvent;
    return eventDataSchema.safeParse(event.data).success ? event : undefined;
  } catch {
    return undefined;
  }
}

/** The incidents whose last revision does not close them, as the locator goes on with them. */
export function openIncidents(events: Iterable<CloudEvent>): Incident[] {
  const last = new Map<string, EventData>();
  for (const { data } of events) {
    const known = last.get(data.incidentId);
    if (!known || data.revision >= known.revision) last.set(data.incidentId, data);
  }
  return [...last.values()].filter(({ state }) => state !== 'closed').map(incidentFromData);
}

/** The incident that an event tells of, as far as it does: times to the microsecond, the poles that it names. */
export function incidentFromData(data: EventData): Incident {
  const { shots, location, area, accuracy, weather } = data;
  return {
    incidentId: data.incidentId,
    revision: data.revision,
    class: data.class,
    confidence: data.confidence,
    onsetNanos: parseTime(data.onset),
    onsetUncertaintySeconds: data.onsetUncertaintySeconds ?? 0,
    durationSeconds: data.durationSeconds ?? 0,
    method: data.method,
    ...(location && { location: location.coordinates }),
    ...(accuracy && { accuracy }),
    ...pick(data, ['insideHull', 'conditionNumber', 'bearingDegrees', 'bearingUncertaintyDegrees']),
    ...(area && { area: area.coordinates[0] }),
    ...(weather && {
      weather: pick(weather, ['temperatureC', 'relativeHumidity', 'windSpeed', 'windFromDegrees']),
    }),
    ...(shots && {
      shots: {
        count: shots.count,
        timesNanos: (shots.times ?? []).map(parseTime),
        automatic: shots.automatic,
      },
    }),
    levelDb: data.levelDb ?? -Infinity,
    polesHeard: data.polesHeard,
    polesSilent: data.polesSilent,
    poles: data.poles.map(evidence),
    reasons: (data.reasons ?? []).map((reason) => ({
      ...pick(reason, ['score']),
      class: reason.class,
      text: reason.text,
    })),
  };
}

function evidence(pole: PoleData): Incident['poles'][number] {
  return {
    pole: pole.pole,
    arrivalNanos: parseTime(pole.arrival),
    score: pole.score,
    snrDb: pole.snrDb ?? 0,
    ...pick(pole, ['clockUncertaintySeconds', 'residualSeconds', 'features']),
  };
}

/** Only the keys that are there: an absent key and an undefined one are not the same. */
function pick<T extends object, K extends keyof T>(
  from: T,
  keys: readonly K[],
): { [P in K]?: Exclude<T[P], undefined> } {
  const there = keys.filter((key) => from[key] !== undefined).map((key) => [key, from[key]] as const);
  return Object.fromEntries(there) as { [P in K]?: Exclude<T[P], undefined> };
}
