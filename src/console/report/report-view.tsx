import { useState } from 'preact/hooks';
import { clock, day, number, seconds } from '../format.js';
import { Incidents, Poles, Truths, type MapPole } from '../map/layers.js';
import { SiteMap } from '../map/site-map.js';
import { IncidentDetails } from '../parts/incident-details.js';
import { ClassBadge } from '../parts/incident-list.js';
import { SaidText } from '../said/said-text.js';
import { t, word } from '../texts.js';
import { summary } from '../live.js';
import type { CloudEvent, EventData, ReplayReport } from '../types.js';
import { Answers, into } from './answers.js';
import { lastOf } from './last-of.js';
import { NearMisses } from './near-misses.js';
import { Track, TrackLegend } from './track.js';

const isDated = ({ startsAt }: ReplayReport) => !startsAt.startsWith('1970-');

/** What was heard, where, and why; then each recording, drawn. */
export function ReportView({ report }: { report: ReplayReport }) {
  const incidents = lastOf(report);
  const [chosen, setChosen] = useState<string | undefined>(incidents[0]?.incidentId);
  const details = incidents.find(({ incidentId }) => incidentId === chosen);
  return (
    <article class="report">
      <header class="headline">
        <h2>{report.name}</h2>
        <Answers report={report} incidents={incidents} />
        <p class="faint small">
          {isDated(report) && `${day(report.startsAt)} ${clock(report.startsAt)} UTC · `}
          {seconds(report.seconds, 1)} · {t('polesCount', report.tracks.length)} · {report.model.name}{' '}
          {report.model.version}
          {report.source && <span lang="en"> · {report.source}</span>}
          {report.licence && ` · ${report.licence}`}
        </p>
      </header>
      {report.failures.length > 0 && (
        <div class="panel bad-panel">
          <h3>{t('failures')}</h3>
          {report.failures.map(({ message }) => (
            <p key={message}>
              <SaidText text={message} />
            </p>
          ))}
        </div>
      )}
      <div class={details ? 'split' : 'main-column'}>
        <div class="main-column">
          <Solution report={report} incidents={incidents} chosen={chosen} onChoose={setChosen} />
          <NearMisses report={report} />
          {report.check && <Check report={report} check={report.check} />}
        </div>
        {details && (
          <section class="side" aria-label={t('whatHeard')}>
            {incidents.length > 1 && (
              <div class="tabs" role="group" aria-label={t('incidents')}>
                {incidents.map((data) => (
                  <button
                    key={data.incidentId}
                    type="button"
                    aria-pressed={data.incidentId === chosen}
                    onClick={() => setChosen(data.incidentId)}
                  >
                    <ClassBadge name={data.class} /> {into(report, data.onset)}
                  </button>
                ))}
              </div>
            )}
            <p class="faint small">
              {t(
                'decidedAfter',
                seconds(report.events.find(({ event }) => event.data.incidentId === chosen)!.afterSeconds),
              )}
            </p>
            <IncidentDetails data={details} poles={report.poles} />
          </section>
        )}
      </div>
      <h2>{t('tracks')}</h2>
      <TrackLegend />
      <div class="tracks">
        {report.tracks.map((track) => (
          <Track key={track.pole} track={track} report={report} />
        ))}
      </div>
    </article>
  );
}

function Solution(props: {
  report: ReplayReport;
  incidents: readonly EventData[];
  chosen: string | undefined;
  onChoose: (incidentId: string) => void;
}) {
  const { report, incidents, chosen } = props;
  const heard =
    incidents.find(({ incidentId }) => incidentId === chosen)?.poles.map(({ pole }) => pole) ?? [];
  const poles = report.poles.flatMap(({ pole, position, recorded }): MapPole[] => {
    if (!position) return [];
    return [{ pole, position, state: !recorded ? 'unrecorded' : heard.includes(pole) ? 'heard' : 'silent' }];
  });
  if (poles.length === 0) return null;
  const truths = report.truth.flatMap(({ location }) =>
    location ? [[location[0], location[1]] as const] : [],
  );
  const places = [...poles.map(({ position }) => position), ...truths];
  return (
    <>
      <SiteMap places={places} label={t('where')} height="clamp(18rem, 54vh, 36rem)">
        {(drawing) => (
          <>
            <Incidents
              drawing={drawing}
              incidents={incidents.map((data) => summary({ data } as CloudEvent))}
              selected={chosen}
              onSelect={props.onChoose}
            />
            <Poles drawing={drawing} poles={poles} />
            <Truths drawing={drawing} places={truths} />
          </>
        )}
      </SiteMap>
      <ul class="legend small">
        <li>
          <i class="dot heard" /> {t('heardBy')}
        </li>
        <li>
          <i class="dot silent" /> {t('pole')}
        </li>
        {truths.length > 0 && (
          <li>
            <span class="cross">+</span> {t('truth')}
          </li>
        )}
      </ul>
    </>
  );
}

function Check({ report, check }: { report: ReplayReport; check: NonNullable<ReplayReport['check']> }) {
  return (
    <section class="panel">
      <h3>
        {t('check')}:{' '}
        <span class={check.ok ? 'good' : 'bad'}>{check.ok ? t('asExpected') : t('differs')}</span>
      </h3>
      {check.matches.length === 0 && check.ok && <p>{t('expectedNothing')}</p>}
      <ul class="plain">
        {check.matches.map(({ truth, errorMeters, problems }, i) => (
          <li key={i} class={problems.length === 0 ? 'good' : 'bad'}>
            {word(truth.class)} {truth.time && into(report, truth.time)}:{' '}
            {problems.length === 0
              ? t('asExpected')
              : problems.map((problem) => <SaidText key={problem} text={problem} />)}
            {errorMeters !== undefined && `, ${t('metersOff', `${number(errorMeters, 1)} m`)}`}
          </li>
        ))}
        {check.unexpected.map(({ incidentId, class: name, onset }) => (
          <li key={incidentId} class="bad">
            {t('unexpected')}: {word(name)} {into(report, onset)}
          </li>
        ))}
      </ul>
    </section>
  );
}
