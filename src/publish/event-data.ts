import { formatTime } from '../audio/index.js';
import type { Incident, IncidentStep, PoleEvidence, Weather } from '../locate/index.js';
import type { EventContext } from './cloud-event.js';
import type { EventData, PoleData } from './event-schema.js';

const MAX_POLES = 12;
const POLES_WITH_FEATURES = 4;
const MAX_FEATURES = 12;
const MAX_SHOT_TIMES = 50;
const MAX_REASONS = 8;
const MAX_TEXT = 200;

/** The `data` of an event. Numbers are rounded to what they can mean; one that is not finite is unknown, so absent. */
export function composeData(step: IncidentStep, context: EventContext): EventData {
  const { incident, change } = step;
  const { latencySeconds, review, recurrence, model, exercise } = context;
  return {
    incidentId: incident.incidentId,
    revision: incident.revision,
    state: change === 'closed' || context.closed ? 'closed' : 'open',
    class: incident.class,
    confidence: probability(incident.confidence),
    onset: formatTime(incident.onsetNanos),
    ...some('onsetUncertaintySeconds', atLeastZero(round(incident.onsetUncertaintySeconds, 6))),
    ...some('durationSeconds', atLeastZero(round(incident.durationSeconds, 3))),
    ...place(incident),
    ...(incident.weather && some('weather', weatherData(incident.weather))),
    ...(incident.shots && incident.shots.count > 0 && { shots: shotsData(incident.shots) }),
    ...some('levelDb', round(incident.levelDb, 1)),
    polesHeard: incident.polesHeard,
    polesSilent: incident.polesSilent,
    poles: incident.poles.slice(0, MAX_POLES).map(poleData),
    ...(incident.reasons.length > 0 && { reasons: incident.reasons.slice(0, MAX_REASONS).map(reasonData) }),
    ...(review && {
      review: { ...review, ...(review.reason !== undefined && { reason: text(review.reason) }) },
    }),
    model: { name: model.name, version: model.version, sha256: model.sha256 },
    ...(latencySeconds && { latencySeconds: roundAll(latencySeconds, 4) }),
    ...some('recurrence', recurrence),
    audioRetained: false,
    exercise,
  };
}

/** No point: neither `location` nor `accuracy`; a point without an honest ellipse is no point. */
function place(incident: Incident): Partial<EventData> & Pick<EventData, 'method'> {
  const { location, accuracy, area } = incident;
  const coordinates = location && position(location);
  const semiMajorMeters = atLeastZero(round(accuracy?.semiMajorMeters, 1));
  const semiMinorMeters = atLeastZero(round(accuracy?.semiMinorMeters, 1));
  const azimuthDegrees = angle(accuracy?.azimuthDegrees);
  const honest =
    coordinates &&
    semiMajorMeters !== undefined &&
    semiMinorMeters !== undefined &&
    azimuthDegrees !== undefined;
  const ring = area?.map(position);
  const closedRing = ring && ring.length >= 4 && ring.every((vertex) => vertex !== undefined);
  return {
    method: incident.method,
    ...(honest && {
      location: { type: 'Point', coordinates },
      accuracy: { semiMajorMeters, semiMinorMeters, azimuthDegrees, confidenceLevel: 0.95 },
    }),
    ...some('insideHull', incident.insideHull),
    ...some('conditionNumber', atLeastZero(round(incident.conditionNumber, 2))),
    ...some('bearingDegrees', angle(incident.bearingDegrees)),
    ...some('bearingUncertaintyDegrees', atLeastZero(round(incident.bearingUncertaintyDegrees, 1))),
    ...(closedRing && { area: { type: 'Polygon', coordinates: [ring] } }),
  };
}

function weatherData(weather: Weather): EventData['weather'] {
  const data = {
    ...some('temperatureC', round(weather.temperatureC, 1)),
    ...some('relativeHumidity', within(round(weather.relativeHumidity, 1), 0, 100)),
    ...some('windSpeed', atLeastZero(round(weather.windSpeed, 1))),
    ...some('windFromDegrees', angle(weather.windFromDegrees)),
  };
  return Object.keys(data).length > 0 ? data : undefined;
}

function shotsData({ count, timesNanos, automatic }: NonNullable<Incident['shots']>): EventData['shots'] {
  const times = timesNanos.slice(0, MAX_SHOT_TIMES).map((time) => formatTime(time));
  return { count, ...(times.length > 0 && { times }), automatic };
}

function poleData(evidence: PoleEvidence, nearness: number): PoleData {
  const features = nearness < POLES_WITH_FEATURES ? featureData(evidence.features) : undefined;
  return {
    pole: evidence.pole,
    arrival: formatTime(evidence.arrivalNanos),
    ...some('clockUncertaintySeconds', atLeastZero(significant(evidence.clockUncertaintySeconds, 3))),
    score: probability(evidence.score),
    ...some('snrDb', round(evidence.snrDb, 1)),
    ...some('residualSeconds', round(evidence.residualSeconds, 6)),
    ...some('features', features),
  };
}

function featureData(features: PoleEvidence['features']): Record<string, number> | undefined {
  const finite = Object.entries(features ?? {})
    .filter(([name, value]) => known(value) && /^\w{1,32}$/.test(name))
    .slice(0, MAX_FEATURES)
    .map(([name, value]) => [name, significant(value, 5)!] as const);
  return finite.length > 0 ? Object.fromEntries(finite) : undefined;
}

function reasonData(reason: Incident['reasons'][number]): NonNullable<EventData['reasons']>[number] {
  const score = Number.isFinite(reason.score) ? probability(reason.score!) : undefined;
  return { class: text(reason.class).slice(0, 64), ...some('score', score), text: text(reason.text) };
}

/** At most 200 UTF-16 units and 300 bytes, and never half a character (a lone surrogate is no valid JSON text). */
function text(long: string): string {
  let cut = '';
  for (const character of wellFormed(wellFormed(long).slice(0, MAX_TEXT))) {
    if (Buffer.byteLength(JSON.stringify(cut + character)) > MAX_TEXT * 1.5) break;
    cut += character;
  }
  return cut;
}

function wellFormed(any: string): string {
  return Buffer.from(any, 'utf8').toString('utf8');
}

/** 1e-7 degrees is a centimetre. */
function position([lon, lat]: readonly [number, number]): [number, number] | undefined {
  const [x, y] = [within(round(lon, 7), -180, 180), within(round(lat, 7), -90, 90)];
  return x !== undefined && y !== undefined ? [x, y] : undefined;
}

function some<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]: V });
}

/** Past any quantity of this world; and a double of such a size has no such digits anyway. */
const LARGEST = 1e12;

function known(value: number | undefined): value is number {
  return value !== undefined && Math.abs(value) <= LARGEST;
}

function round(value: number | undefined, digits: number): number | undefined {
  // `+ 0` turns -0 into 0: they are equal numbers, but not equal in every language's JSON.
  return known(value) ? Number(value.toFixed(digits)) + 0 : undefined;
}

function significant(value: number | undefined, digits: number): number | undefined {
  return known(value) ? Number(value.toPrecision(digits)) + 0 : undefined;
}

function roundAll<T extends object>(values: T, digits: number): T {
  const rounded = Object.entries(values).map(
    ([key, value]) => [key, round(value as number, digits)] as const,
  );
  return Object.fromEntries(rounded.filter(([, value]) => value !== undefined)) as T;
}

function within(value: number | undefined, low: number, high: number): number | undefined {
  return value !== undefined && value >= low && value <= high ? value : undefined;
}

const atLeastZero = (value: number | undefined) => within(value, 0, Infinity);
/** 0 to 360, 360 itself excluded: rounded first, or 359.96 would become 360.0. */
function angle(degrees: number | undefined): number | undefined {
  const rounded = round(degrees, 1);
  return rounded === undefined ? undefined : round(((rounded % 360) + 360) % 360, 1);
}

/** Not a number means no confidence, not an invalid message. */
function probability(value: number): number {
  return Number.isNaN(value) ? 0 : Math.min(1, Math.max(0, Number(value.toFixed(3))));
}
