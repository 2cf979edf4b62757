import type { IncidentSummary } from './incident-summary.js';

/** GeoJSON (RFC 7946): a Point where the place is known, a crowd's area where only that is, else no geometry. */
export function* toGeoJson(incidents: readonly IncidentSummary[]): Generator<string> {
  yield '{"type":"FeatureCollection","features":[';
  let comma = '';
  for (const incident of incidents) {
    yield comma + JSON.stringify(featureOf(incident));
    comma = ',';
  }
  yield ']}';
}

function featureOf({ location, area, ...properties }: IncidentSummary) {
  return {
    type: 'Feature' as const,
    id: properties.incidentId,
    geometry: location
      ? { type: 'Point' as const, coordinates: location }
      : area
        ? { type: 'Polygon' as const, coordinates: [area] }
        : null,
    properties,
  };
}

const COLUMNS: Record<string, (incident: IncidentSummary) => string | number | boolean | undefined> = {
  incidentId: (i) => i.incidentId,
  revision: (i) => i.revision,
  state: (i) => i.state,
  class: (i) => i.class,
  confidence: (i) => i.confidence,
  onset: (i) => i.onset,
  method: (i) => i.method,
  lon: (i) => i.location?.[0],
  lat: (i) => i.location?.[1],
  semiMajorMeters: (i) => i.accuracy?.semiMajorMeters,
  semiMinorMeters: (i) => i.accuracy?.semiMinorMeters,
  azimuthDegrees: (i) => i.accuracy?.azimuthDegrees,
  shots: (i) => i.shots,
  automatic: (i) => i.automatic,
  levelDb: (i) => i.levelDb,
  polesHeard: (i) => i.polesHeard,
  polesSilent: (i) => i.polesSilent,
  poles: (i) => i.poles.join(' '),
  verdict: (i) => i.review?.state,
  verdictReason: (i) => i.review?.reason,
  latencySeconds: (i) => i.latencySeconds,
  exercise: (i) => i.exercise,
};

/** CSV (RFC 4180), a header first, lines ended by CRLF. */
export function* toCsv(incidents: readonly IncidentSummary[]): Generator<string> {
  yield `${Object.keys(COLUMNS).join(',')}\r\n`;
  for (const incident of incidents)
    yield `${Object.values(COLUMNS)
      .map((cell) => field(cell(incident)))
      .join(',')}\r\n`;
}

/** A text that a spreadsheet would take for a formula begins with an apostrophe. */
function field(value: string | number | boolean | undefined): string {
  if (value === undefined) return '';
  if (typeof value !== 'string') return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
