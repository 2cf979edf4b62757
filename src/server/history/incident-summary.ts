import type { CloudEvent, EventData } from '../../publish/index.js';

/** What a list, a map and a filter need of an incident: small enough to hold a hundred thousand in memory. */
export interface IncidentSummary extends Pick<
  EventData,
  | 'incidentId'
  | 'revision'
  | 'class'
  | 'confidence'
  | 'onset'
  | 'method'
  | 'accuracy'
  | 'polesHeard'
  | 'polesSilent'
  | 'review'
  | 'exercise'
  | 'bearingDegrees'
  | 'levelDb'
> {
  state: 'open' | 'closed';
  /** [lon, lat]. */
  location?: [number, number];
  /** The corners of a crowd's area, [lon, lat]. */
  area?: [number, number][];
  /** Those that the event names: the nearest 12. */
  poles: string[];
  shots?: number;
  automatic?: boolean;
  /** From the sound to the event, live only. */
  latencySeconds?: number;
}

export function summaryOf({ data }: CloudEvent): IncidentSummary {
  const { shots, location, area, latencySeconds } = data;
  return {
    incidentId: data.incidentId,
    revision: data.revision,
    state: data.state ?? 'open',
    class: data.class,
    confidence: data.confidence,
    onset: data.onset,
    method: data.method,
    ...(location && { location: location.coordinates }),
    ...(data.accuracy && { accuracy: data.accuracy }),
    ...(area && { area: area.coordinates[0] }),
    ...(data.bearingDegrees !== undefined && { bearingDegrees: data.bearingDegrees }),
    ...(data.levelDb !== undefined && { levelDb: data.levelDb }),
    polesHeard: data.polesHeard,
    polesSilent: data.polesSilent,
    poles: data.poles.map(({ pole }) => interned(pole)),
    ...(shots && { shots: shots.count, automatic: shots.automatic }),
    ...(data.review && { review: data.review }),
    exercise: data.exercise,
    ...(latencySeconds?.total !== undefined && { latencySeconds: latencySeconds.total }),
  };
}

/** One string a pole, not one an incident: JSON.parse makes a new one each time. */
const names = new Map<string, string>();
function interned(name: string): string {
  const known = names.get(name);
  if (known !== undefined) return known;
  if (names.size < 10_000) names.set(name, name);
  return name;
}
