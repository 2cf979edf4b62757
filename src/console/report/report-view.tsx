import { useState } from 'preact/hooks';
import { clock, day, meters, number, offset, percent, place, seconds } from '../format.js';
import { Incidents, Poles, Truths, type MapPole } from '../map/layers.js';
import { SiteMap } from '../map/site-map.js';
import { IncidentDetails } from '../parts/incident-details.js';
import { ClassBadge, shotsText } from '../parts/incident-list.js';
import { SaidText } from '../said/said-text.js';
import { t, word } from '../texts.js';
import { summary } from '../live.js';
import type { CloudEvent, EventData, ReplayReport } from '../types.js';
import { Track } from './track.js';

/** The last revision of each incident, in order of first appearance. */
export function lastOf(report: ReplayReport): EventData[] {
  const last = new Map<string, EventData>();
  for (const { event } of report.events) last.set(event.data.incidentId, event.data);
  return [...last.values()];
}

/** A recording's time of day; where it has none, only how far into it. */
const isDated = ({ startsAt }: ReplayReport) => !startsAt.startsWith('1970-');
const into = (report: ReplayReport, time: string) =>
  offset(Math.max(0, (Date.parse(time) - Date.parse(report.startsAt)) / 1000));

/** What was heard, where, and why; then each recording, drawn. */
export function ReportView({ report }: { report: ReplayReport }) {
  const incidents = lastOf(report);
  const [chosen, setChosen] = useState<string | undefined>(incidents[0]?.incidentId);
  const details = incidents.find(({ incidentId }) => incidentId === chosen);
  return (
    <article class="report">
      <header class="headline">
        <h2>{report.name}</h2>
        <p class="answer">
          {incidents.length === 0
            ? t('heardNothing')
            : t('heardHeadline', incidents.map((data) => sentence(report, data)).join('; '))}
        </p>
        <p class="faint small">
          {isDated(report) && `${day(report.startsAt)} ${clock(report.startsAt)} UTC · `}
          {seconds(report.seconds, 1)} · {t('ofPoles', report.tracks.length)} · {report.model.name}{' '}
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
      <div class="split">
        <div class="main-column">
          <Solution report={report} incidents={incidents} chosen={chosen} onChoose={setChosen} />
          <NearMisses report={report} />
          {report.check && <Check report={report} check={report.check} />}
        </div>
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
          {details ? (
            <>
              <p class="faint small">
                {t(
                  'decidedAfter',
                  seconds(report.events.find(({ event }) => event.data.incidentId === chosen)!.afterSeconds),
                )}
              </p>
              <IncidentDetails data={details} />
            </>
          ) : (
            <p class="quiet">{t('heardNothing')}</p>
          )}
        </section>
      </div>
      <h2>{t('tracks')}</h2>
      <div class="tracks">
        {report.tracks.map((track) => (
          <Track key={track.pole} track={track} report={report} />
        ))}
      </div>
    </article>
  );
}

function sentence(report: ReplayReport, data: EventData): string {
  const shots = shotsText({
    ...(data.shots && { shots: data.shots.count, automatic: data.shots.automatic }),
  });
  const where =
    data.location && data.accuracy
      ? `, ${place(data.location.coordinates)} ± ${meters(data.accuracy.semiMajorMeters)}`
      : '';
  return `${word(data.class)} ${into(report, data.onset)}${shots ? `, ${shots}` : ''}${where} (${percent(data.confidence)})`;
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
  if (poles.length === 0) return <p class="quiet">{t('noPositions')}</p>;
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

/** Why there was, or was not, an alert: the best score of each class against what it takes. */
function NearMisses({ report }: { report: ReplayReport }) {
  const rows = report.best.filter(({ class: name }) => report.thresholds[name]);
  return (
    <section class="panel">
      <h3>{t('whyNot')}</h3>
      <p class="faint small">{t('whyNotHelp')}</p>
      {rows.map(({ class: name, score, pole, seconds: at }) => {
        const { on, alone } = report.thresholds[name];
        const verdict = score >= alone ? t('aloneEnough') : score >= on ? t('withOthers') : t('belowAll');
        return (
          <div class="gauge" key={name}>
            <span class="name">{word(name)}</span>
            <span class="track" role="img" aria-label={`${word(name)} ${percent(score)}: ${verdict}`}>
              <span class={`fill ${name}`} style={{ width: `${score * 100}%` }} />
              <i style={{ left: `${on * 100}%` }} title={`${t('withOthers')}: ${number(on, 3)}`} />
              <i style={{ left: `${alone * 100}%` }} title={`${t('aloneEnough')}: ${number(alone, 3)}`} />
            </span>
            <span class="small">
              <b>{number(score, 3)}</b> {pole}, {offset(at)} – {verdict}
            </span>
          </div>
        );
      })}
    </section>
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
