import { useEffect, useState } from 'preact/hooks';
import { api } from '../api.js';
import { ago, number } from '../format.js';
import { Incidents, Poles } from '../map/layers.js';
import { SiteMap } from '../map/site-map.js';
import { IncidentDetails } from '../parts/incident-details.js';
import { ClassBadge, IncidentList } from '../parts/incident-list.js';
import { VerdictForm } from '../parts/verdict-form.js';
import { live } from '../live.js';
import { SaidText } from '../said/said-text.js';
import { useLoaded, useStore, useTick } from '../store.js';
import { t, word } from '../texts.js';
import type { CloudEvent, PoleStatus } from '../types.js';

const DAY_MILLIS = 86_400_000;

export const mapPole = ({ pole, position, state, recorded }: PoleStatus) => ({
  pole,
  position: [position[0], position[1]] as [number, number],
  state: recorded ? state : ('unrecorded' as const),
});

/** The site now: where its poles are and how they do, what was heard, and what an operator says to it. */
export function LiveView({ go }: { go: (path: string) => void }) {
  const { poles, incidents } = useStore(live);
  const [selected, setSelected] = useState<string | undefined>();
  useTick(5000);
  const now = Date.now();
  return (
    <div class="split">
      <div class="main-column">
        <Figures />
        <SiteMap places={poles.map((pole) => mapPole(pole).position)} label={t('map')}>
          {(drawing) => (
            <>
              <Incidents
                drawing={drawing}
                incidents={incidents}
                selected={selected}
                nowMillis={now}
                onSelect={setSelected}
              />
              <Poles
                drawing={drawing}
                poles={poles.map(mapPole)}
                onSelect={(pole) => go(`#/poles/${pole}`)}
              />
            </>
          )}
        </SiteMap>
        <Legend poles={poles} />
      </div>
      <section class="side" aria-label={t('incidents')}>
        {selected ? (
          <Selected key={selected} incidentId={selected} onClose={() => setSelected(undefined)} go={go} />
        ) : (
          <>
            <h2>{t('incidents')}</h2>
            {incidents.length === 0 && <p class="quiet">{t('quietLong')}</p>}
            <IncidentList
              poles={poles.map(mapPole)}
              incidents={incidents.slice(0, 60)}
              nowMillis={now}
              onSelect={setSelected}
            />
          </>
        )}
      </section>
    </div>
  );
}

function Figures() {
  const { poles, incidents } = useStore(live);
  const recorded = poles.filter((pole) => pole.recorded);
  const up = recorded.filter(({ state }) => state === 'live').length;
  const day = incidents.filter(({ onset }) => Date.now() - Date.parse(onset) < DAY_MILLIS);
  const [last] = incidents;
  return (
    <div class="figures">
      <div class={up === recorded.length && up > 0 ? 'figure good' : 'figure warn'}>
        <span>{t('polesLive')}</span>
        <b>
          {number(up)} / {number(recorded.length)}
        </b>
      </div>
      <div class="figure">
        <span>{t('lastDay')}</span>
        <b>{number(day.length)}</b>
      </div>
      <div class="figure wide">
        <span>{t('lastIncident')}</span>
        <b>
          {last ? (
            <>
              <ClassBadge name={last.class} /> {ago(last.onset)}
            </>
          ) : (
            '–'
          )}
        </b>
      </div>
    </div>
  );
}

const STATES = ['live', 'waiting', 'stalled', 'failed'] as const;

export function Legend({ poles }: { poles: readonly PoleStatus[] }) {
  const text = { live: 'live_state', waiting: 'waiting', stalled: 'stalled', failed: 'failed' } as const;
  return (
    <ul class="legend">
      {STATES.map((state) => {
        const count = poles.filter((pole) => pole.recorded && pole.state === state).length;
        return (
          <li key={state}>
            <i class={`dot ${state}`} /> {t(text[state])} <b>{number(count)}</b>
          </li>
        );
      })}
    </ul>
  );
}

/** The whole last event, and again when a newer revision is told of. */
function Selected(props: { incidentId: string; onClose: () => void; go: (path: string) => void }) {
  const { incidents, poles } = useStore(live);
  const known = incidents.find(({ incidentId }) => incidentId === props.incidentId);
  const [again, setAgain] = useState(0);
  const [last, setLast] = useState<CloudEvent | undefined>();
  const { value, error } = useLoaded(`${props.incidentId} ${known?.revision} ${again}`, () =>
    api<{ events: CloudEvent[] }>(`/incidents/${encodeURIComponent(props.incidentId)}`),
  );
  useEffect(() => value && setLast(value.events.at(-1)), [value]);
  return (
    <>
      <div class="side-head">
        <button type="button" class="link" onClick={props.onClose}>
          ← {t('back')}
        </button>
        <button type="button" class="link" onClick={() => props.go(`#/history/${props.incidentId}`)}>
          {t('lifeStory')} →
        </button>
      </div>
      {error && (
        <p class="bad">
          <SaidText text={error.message} />
        </p>
      )}
      {last ? (
        <>
          <h2 class="hidden">{word(last.data.class)}</h2>
          <IncidentDetails data={last.data} poles={poles.map(mapPole)}>
            <VerdictForm data={last.data} onDone={() => setAgain((n) => n + 1)} />
          </IncidentDetails>
        </>
      ) : (
        !error && <p class="faint">{t('loading')}</p>
      )}
    </>
  );
}
