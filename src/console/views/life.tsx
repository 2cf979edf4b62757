import { useEffect, useState } from 'preact/hooks';
import { api } from '../api.js';
import { clock, meters, number } from '../format.js';
import { Incidents, Poles, type MapPole } from '../map/layers.js';
import { SiteMap, type Drawing } from '../map/site-map.js';
import { IncidentDetails } from '../parts/incident-details.js';
import { ClassBadge } from '../parts/incident-list.js';
import { VerdictForm } from '../parts/verdict-form.js';
import { live, summary } from '../live.js';
import { SaidText } from '../said/said-text.js';
import { useLoaded, useStore } from '../store.js';
import { t, word } from '../texts.js';
import type { CloudEvent, EventData } from '../types.js';
import { mapPole } from './live.js';

const SOUND_METERS_PER_SECOND = 343;
const PLAY_MILLIS = 1100;

/** What a step shows: how far the sound has come, and the revision that was told by then. */
interface Step {
  text: string;
  /** Seconds after the onset that the wave has run. */
  wave?: number;
  heard: string[];
  told?: EventData;
}

/** One incident as an investigator puts it together: the sound spreads, the place narrows, an operator judges. */
export function LifeView({ incidentId, go }: { incidentId: string; go: (path: string) => void }) {
  const { poles, incidents } = useStore(live);
  const revision = incidents.find((one) => one.incidentId === incidentId)?.revision;
  const [again, setAgain] = useState(0);
  const { value, error } = useLoaded(`${incidentId} ${revision} ${again}`, () =>
    api<{ events: CloudEvent[] }>(`/incidents/${encodeURIComponent(incidentId)}`),
  );
  const [events, setEvents] = useState<CloudEvent[]>([]);
  useEffect(() => value && setEvents(value.events), [value]);
  const back = (
    <button type="button" class="link" onClick={() => go('#/history')}>
      ← {t('back')}
    </button>
  );
  if (error)
    return (
      <p class="bad">
        {back} <SaidText text={error.message} />
      </p>
    );
  if (events.length === 0) return <p class="faint">{t('loading')}</p>;
  const last = events.at(-1)!.data;
  return (
    <>
      <div class="row">
        {back}
        <ClassBadge name={last.class} /> <b>{last.onset.replace('T', ' ').slice(0, 23)}</b>
      </div>
      <div class="split">
        <Steps events={events} poles={poles.map(mapPole)} />
        <section class="side" aria-label={t('why')}>
          <h2 class="hidden">{word(last.class)}</h2>
          <IncidentDetails data={last} poles={poles.map(mapPole)}>
            <VerdictForm data={last} onDone={() => setAgain((n) => n + 1)} />
          </IncidentDetails>
        </section>
      </div>
    </>
  );
}

function stepsOf(events: readonly CloudEvent[]): Step[] {
  const last = events.at(-1)!.data;
  const onset = Date.parse(last.onset);
  const arrivals = [...last.poles].sort((a, b) => (a.arrival < b.arrival ? -1 : 1));
  const steps: Step[] = [{ text: t('stepEmission'), wave: 0, heard: [] }];
  arrivals.forEach(({ pole, arrival }, i) => {
    const wave = Math.max(0, (Date.parse(arrival) - onset) / 1000);
    steps.push({
      text: `${t('stepArrival', pole)} (+${number(wave * 1000)} ms)`,
      wave,
      heard: arrivals.slice(0, i + 1).map((one) => one.pole),
    });
  });
  let reviewed: string | undefined;
  for (const { type, data } of events) {
    const heard = data.poles.map(({ pole }) => pole);
    const change = type.includes('detected')
      ? t('stepDetected')
      : type.includes('closed')
        ? t('stepClosed')
        : t('stepUpdated');
    const isVerdict = data.review !== undefined && data.review.at !== reviewed;
    reviewed = data.review?.at;
    const said = isVerdict ? t('stepVerdict', word(data.review!.state)) : change;
    const accuracy = data.accuracy ? `, ± ${meters(data.accuracy.semiMajorMeters)}` : '';
    steps.push({ text: `${said}, ${t('revision', data.revision)}${accuracy}`, heard, told: data });
  }
  return steps;
}

function Steps({ events, poles }: { events: readonly CloudEvent[]; poles: readonly MapPole[] }) {
  const steps = stepsOf(events);
  const [at, setAt] = useState(steps.length - 1);
  const [playing, setPlaying] = useState(false);
  const index = Math.min(at, steps.length - 1);
  const step = steps[index];
  useEffect(() => {
    if (!playing) return undefined;
    const timer = setTimeout(() => {
      if (index + 1 < steps.length) setAt(index + 1);
      else setPlaying(false);
    }, PLAY_MILLIS);
    return () => clearTimeout(timer);
  }, [playing, index]);
  const play = () => {
    if (!playing && index + 1 === steps.length) setAt(0);
    setPlaying(!playing);
  };
  const last = events.at(-1)!.data;
  const shown = poles.map((pole) => ({
    ...pole,
    state: step.heard.includes(pole.pole) ? ('heard' as const) : ('silent' as const),
  }));
  const places = [
    ...poles.map(({ position }) => position),
    ...(last.location ? [last.location.coordinates] : []),
  ];
  return (
    <div class="main-column">
      <SiteMap places={places} label={t('lifeStory')} height="clamp(18rem, 58vh, 46rem)">
        {(drawing) => (
          <>
            {step.wave !== undefined && last.location && (
              <Wave drawing={drawing} at={last.location.coordinates} seconds={step.wave} />
            )}
            {step.told && (
              <Incidents
                drawing={drawing}
                incidents={[summary({ data: step.told } as CloudEvent)]}
                selected={step.told.incidentId}
              />
            )}
            <Poles drawing={drawing} poles={shown} />
          </>
        )}
      </SiteMap>
      <div class="player panel">
        <p role="status">
          <b>
            {index + 1}/{steps.length}
          </b>{' '}
          {step.text}
          {step.told && <span class="faint"> {clock(step.told.onset)}</span>}
        </p>
        <input
          type="range"
          min={0}
          max={steps.length - 1}
          value={index}
          aria-label={t('lifeStory')}
          aria-valuetext={step.text}
          onInput={(event) => setAt(Number(event.currentTarget.value))}
        />
        <div class="row">
          <button type="button" disabled={index === 0} onClick={() => setAt(index - 1)}>
            {t('previous')}
          </button>
          <button type="button" class="primary" onClick={play}>
            {playing ? t('pause') : t('play')}
          </button>
          <button type="button" disabled={index + 1 === steps.length} onClick={() => setAt(index + 1)}>
            {t('next')}
          </button>
        </div>
      </div>
    </div>
  );
}

function Wave({
  drawing: { plane, unit },
  at,
  seconds,
}: {
  drawing: Drawing;
  at: readonly [number, number];
  seconds: number;
}) {
  const [x, y] = plane.to(at);
  return (
    <g class="wave" stroke-width={2.5 * unit}>
      <circle cx={x} cy={y} r={4 * unit} class="mark" />
      <circle cx={x} cy={y} r={seconds * SOUND_METERS_PER_SECOND} />
    </g>
  );
}
