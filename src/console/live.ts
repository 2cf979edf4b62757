import { tileSource, type Tiles } from './map/tiles.js';
import { Store } from './store.js';
import type { CloudEvent, IncidentSummary, PoleStatus, Readiness } from './types.js';

export interface LiveState {
  connected: boolean;
  site: string;
  version: string;
  ready?: Readiness;
  poles: PoleStatus[];
  /** Newest onset first. */
  incidents: IncidentSummary[];
}

/** What a list shows; older ones are in the history. */
const MOST_INCIDENTS = 200;
export const live = new Store<LiveState>({
  connected: false,
  site: '',
  version: '',
  poles: [],
  incidents: [],
});

let source: EventSource | undefined;
/** A stream that closed by itself (401, restart) is asked for again; EventSource does so only for broken ones. */
const AGAIN_MILLIS = 3000;

export function followLive(): void {
  source?.close();
  source = new EventSource('/api/v1/live');
  const on = <T>(name: string, take: (data: T) => Partial<LiveState>) =>
    source!.addEventListener(name, (event) => {
      const data = JSON.parse((event as MessageEvent<string>).data) as T;
      live.update((state) => ({ ...state, ...take(data) }));
    });
  on<{ site: string; version: string; tiles?: Tiles }>('hello', ({ site, version, tiles }) => {
    tileSource.set(tiles);
    void refreshIncidents();
    return { connected: true, site, version };
  });
  on<Readiness>('ready', (ready) => ({ ready }));
  on<{ poles: PoleStatus[] }>('poles', ({ poles }) => ({ poles: merged(live.value.poles, poles) }));
  on<{ levelsDb: Array<number | null>; agesSeconds: Array<number | null> }>('levels', (levels) => ({
    poles: live.value.poles.map((pole, i) => withLevel(pole, levels.levelsDb[i], levels.agesSeconds[i])),
  }));
  on<CloudEvent>('incident', (event) => ({ incidents: withIncident(live.value.incidents, summary(event)) }));
  source.onerror = () => {
    live.update((state) => ({ ...state, connected: false }));
    if (source?.readyState === EventSource.CLOSED) setTimeout(followLive, AGAIN_MILLIS);
  };
}

export async function refreshIncidents(): Promise<void> {
  const answer = await fetch(`/api/v1/incidents?limit=${MOST_INCIDENTS}`);
  if (!answer.ok) return;
  const { incidents } = (await answer.json()) as { incidents: IncidentSummary[] };
  live.update((state) => ({ ...state, incidents }));
}

function merged(known: PoleStatus[], changed: PoleStatus[]): PoleStatus[] {
  if (known.length === 0) return changed;
  const byName = new Map(changed.map((pole) => [pole.pole, pole]));
  return known.map((pole) => byName.get(pole.pole) ?? pole);
}

function withLevel(pole: PoleStatus, levelDb: number | null, age: number | null): PoleStatus {
  const { levelDb: _level, lastFrameAgeSeconds: _age, ...rest } = pole;
  return {
    ...rest,
    ...(levelDb !== null && { levelDb }),
    ...(age !== null && { lastFrameAgeSeconds: age }),
  };
}

function withIncident(known: IncidentSummary[], next: IncidentSummary): IncidentSummary[] {
  const before = known.find(({ incidentId }) => incidentId === next.incidentId);
  if (before && before.revision > next.revision) return known;
  return [next, ...known.filter((one) => one !== before)]
    .sort((a, b) => (a.onset < b.onset ? 1 : -1))
    .slice(0, MOST_INCIDENTS);
}

/** As the service sums an event up (summaryOf); of it only types come into the page. */
export function summary({ data }: CloudEvent): IncidentSummary {
  const { shots, location, area, latencySeconds, poles, ...rest } = data;
  return {
    ...rest,
    state: data.state ?? 'open',
    ...(location && { location: location.coordinates as [number, number] }),
    ...(area && { area: area.coordinates[0] as [number, number][] }),
    poles: poles.map(({ pole }) => pole),
    ...(shots && { shots: shots.count, automatic: shots.automatic }),
    ...(latencySeconds?.total !== undefined && { latencySeconds: latencySeconds.total }),
  } as IncidentSummary;
}
