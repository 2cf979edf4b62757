import { useEffect, useMemo, useState } from 'preact/hooks';
import { api } from '../api.js';
import { number } from '../format.js';
import { Incidents, Poles } from '../map/layers.js';
import { SiteMap, type Drawing } from '../map/site-map.js';
import { IncidentList } from '../parts/incident-list.js';
import { Timeline } from '../parts/timeline.js';
import { live } from '../live.js';
import { SaidText } from '../said/said-text.js';
import { useLoaded, useStore } from '../store.js';
import { t, word } from '../texts.js';
import type { IncidentSummary, Statistics } from '../types.js';
import { LifeView } from './life.js';
import { mapPole } from './live.js';

const CLASSES = ['gunshot', 'explosion', 'crowd_clamour', 'unusual'];
const VERDICTS = ['confirmed', 'dismissed', 'unsure', 'none'];

interface Filter {
  class: string;
  verdict: string;
  pole: string;
  from: string;
  to: string;
  minConfidence: string;
  bbox: string;
}
const NOTHING: Filter = { class: '', verdict: '', pole: '', from: '', to: '', minConfidence: '', bbox: '' };

function queryOf(filter: Filter): string {
  const values = Object.entries(filter).filter(([, value]) => value !== '');
  const utc = (key: string, value: string) => (key === 'from' || key === 'to' ? `${value}:00Z` : value);
  return new URLSearchParams(values.map(([key, value]) => [key, utc(key, value)])).toString();
}

/** Every incident that EVENTS holds: searched, counted by time and place, exported, and told step by step. */
export function HistoryView({ chosen, go }: { chosen: string | undefined; go: (path: string) => void }) {
  const { poles } = useStore(live);
  const [filter, setFilter] = useState<Filter>(NOTHING);
  const [drawing, setDrawing] = useState(false);
  const [density, setDensity] = useState(false);
  const query = useMemo(() => queryOf(filter), [filter]);
  const { value: statistics, error } = useLoaded(query, () => api<Statistics>(`/statistics?${query}`));
  const page = usePages(query);
  const places = useMemo(() => poles.map((pole) => mapPole(pole).position), [poles.length]);
  if (chosen) return <LifeView incidentId={chosen} go={go} />;
  return (
    <>
      <Filters filter={filter} poles={poles.map(({ pole }) => pole)} onChange={setFilter} />
      {error && (
        <p class="bad">
          <SaidText text={error.message} />
        </p>
      )}
      <div class="split">
        <div class="main-column">
          <div class="row between">
            <p role="status">
              <b>{statistics ? t('found', number(statistics.total)) : t('loading')}</b>
              {page.complete === false && ` ${t('stillReading')}`}
            </p>
            <div class="row">
              <button type="button" aria-pressed={drawing} onClick={() => setDrawing(!drawing)}>
                {t('drawArea')}
              </button>
              {filter.bbox && (
                <button type="button" onClick={() => setFilter({ ...filter, bbox: '' })}>
                  {t('clearArea')}
                </button>
              )}
              <button type="button" aria-pressed={density} onClick={() => setDensity(!density)}>
                {t('density')}
              </button>
            </div>
          </div>
          {drawing && <p class="faint small">{t('drawHelp')}</p>}
          <SiteMap
            places={places}
            label={t('map')}
            height="clamp(18rem, 54vh, 44rem)"
            onArea={
              drawing
                ? (bbox) => {
                    setFilter({ ...filter, bbox: bbox.map((degrees) => degrees.toFixed(6)).join(',') });
                    setDrawing(false);
                  }
                : undefined
            }
          >
            {(on) => (
              <>
                {density && statistics ? (
                  <Density drawing={on} density={statistics.density} />
                ) : (
                  <Incidents
                    drawing={on}
                    incidents={page.incidents}
                    onSelect={(id) => go(`#/history/${id}`)}
                  />
                )}
                <Poles drawing={on} poles={poles.map(mapPole)} />
                <Area drawing={on} bbox={filter.bbox} />
              </>
            )}
          </SiteMap>
          {density && statistics && statistics.density.cells.length > 0 && (
            <p class="faint small">
              {t('densityHelp', number(Math.max(...statistics.density.cells.map(([, , count]) => count))))}
            </p>
          )}
          {statistics && statistics.total > 0 && <Timeline timeline={statistics.timeline} />}
        </div>
        <section class="side" aria-label={t('incidents')}>
          <div class="row between">
            <h2>{t('incidents')}</h2>
            <span class="row">
              {t('export')}
              <a href={`/api/v1/export/incidents.geojson?${query}`} download>
                {t('exportGeo')}
              </a>
              <a href={`/api/v1/export/incidents.csv?${query}`} download>
                {t('exportCsv')}
              </a>
            </span>
          </div>
          {page.loaded && page.incidents.length === 0 && <p class="quiet">{t('nothingFound')}</p>}
          <IncidentList
            poles={poles.map(mapPole)}
            incidents={page.incidents}
            nowMillis={Date.now()}
            onSelect={(id) => go(`#/history/${id}`)}
          />
          {page.more && (
            <button type="button" onClick={page.more}>
              {t('more')}
            </button>
          )}
        </section>
      </div>
    </>
  );
}

interface Page {
  incidents: IncidentSummary[];
  next?: string;
  complete?: boolean;
}

function usePages(query: string): Page & { loaded: boolean; more: (() => void) | undefined } {
  const [page, setPage] = useState<Page & { loaded: boolean }>({ incidents: [], loaded: false });
  const load = async (cursor: string | undefined, before: IncidentSummary[]) => {
    const answer = await api<Page>(`/incidents?limit=50&${query}${cursor ? `&cursor=${cursor}` : ''}`).catch(
      (): Page => ({ incidents: [] }),
    );
    setPage({ ...answer, incidents: [...before, ...answer.incidents], loaded: true });
  };
  useEffect(() => void load(undefined, []), [query]);
  const { next, incidents } = page;
  return { ...page, more: next ? () => void load(next, incidents) : undefined };
}

function Filters(props: { filter: Filter; poles: string[]; onChange: (filter: Filter) => void }) {
  const { filter, onChange } = props;
  const field = (key: keyof Filter) => ({
    value: filter[key],
    onChange: (event: Event) =>
      onChange({ ...filter, [key]: (event.currentTarget as HTMLInputElement).value }),
  });
  return (
    <form class="filters" onSubmit={(event) => event.preventDefault()} aria-label={t('search')}>
      <label>
        {t('class')}
        <select {...field('class')}>
          <option value="">{t('all')}</option>
          {CLASSES.map((name) => (
            <option key={name} value={name}>
              {word(name)}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t('from')}
        <input type="datetime-local" {...field('from')} />
      </label>
      <label>
        {t('to')}
        <input type="datetime-local" {...field('to')} />
      </label>
      <label>
        {t('pole')}
        <select {...field('pole')}>
          <option value="">{t('all')}</option>
          {props.poles.map((pole) => (
            <option key={pole}>{pole}</option>
          ))}
        </select>
      </label>
      <label>
        {t('minConfidence')}
        <select {...field('minConfidence')}>
          <option value="">0 %</option>
          {[0.5, 0.75, 0.9, 0.95].map((value) => (
            <option key={value} value={String(value)}>
              {number(value * 100)} %
            </option>
          ))}
        </select>
      </label>
      <label>
        {t('verdict')}
        <select {...field('verdict')}>
          <option value="">{t('all')}</option>
          {VERDICTS.map((name) => (
            <option key={name} value={name}>
              {name === 'none' ? t('noVerdict') : word(name)}
            </option>
          ))}
        </select>
      </label>
      <button type="button" onClick={() => onChange(NOTHING)}>
        {t('reset')}
      </button>
    </form>
  );
}

function Density({ drawing: { plane }, density }: { drawing: Drawing; density: Statistics['density'] }) {
  const most = Math.max(...density.cells.map(([, , count]) => count));
  const [wide, high] = density.cellDegrees;
  return (
    <g class="density">
      {density.cells.map(([lon, lat, count]) => {
        const [left, bottom] = plane.to([lon, lat]);
        const [right, top] = plane.to([lon + wide, lat + high]);
        return (
          <rect
            key={`${lon} ${lat}`}
            x={left}
            y={top}
            width={right - left}
            height={bottom - top}
            fill-opacity={0.25 + (0.65 * count) / most}
          >
            <title>{number(count)}</title>
          </rect>
        );
      })}
    </g>
  );
}

function Area({ drawing: { plane, unit }, bbox }: { drawing: Drawing; bbox: string }) {
  if (!bbox) return null;
  const [west, south, east, north] = bbox.split(',').map(Number);
  const [left, top] = plane.to([west, north]);
  const [right, bottom] = plane.to([east, south]);
  return (
    <rect class="area" x={left} y={top} width={right - left} height={bottom - top} stroke-width={2 * unit} />
  );
}
