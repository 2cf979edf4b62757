import { meters, number, offset, percent, place } from '../format.js';
import { whereIs } from '../map/where.js';
import { ClassBadge, shotsText } from '../parts/incident-list.js';
import { said } from '../said/said.js';
import { t, word } from '../texts.js';
import type { EventData, ReplayReport } from '../types.js';

const EVENTS = ['gunshot', 'explosion', 'crowd_clamour', 'unusual'];
/** More stand in the tabs below. */
const MOST = 3;
const RUNNERS = 3;
const NOTABLE_PERCENT = 20;

/** A recording's time of day; where it has none, only how far into it. */
export const into = (report: ReplayReport, time: string) =>
  offset(Math.max(0, (Date.parse(time) - Date.parse(report.startsAt)) / 1000));

/** What was heard, where and why, in three lines; or why there was no alert. */
export function Answers({ report, incidents }: { report: ReplayReport; incidents: readonly EventData[] }) {
  if (incidents.length === 0) return <NoAlert report={report} />;
  return (
    <>
      {incidents.slice(0, MOST).map((data) => (
        <dl class="answers" key={data.incidentId}>
          <div>
            <dt>{t('heard')}</dt>
            <dd class="answer">
              <ClassBadge name={data.class} /> {t('atTime', into(report, data.onset))}
              {data.class === 'gunshot' &&
                data.shots &&
                `, ${shotsText({ shots: data.shots.count, automatic: data.shots.automatic })}`}
              , {t('sure', percent(data.confidence))}
            </dd>
          </div>
          <div>
            <dt>{t('where')}</dt>
            <dd>{whereText(report, data)}</dd>
          </div>
          <div>
            <dt>{t('why')}</dt>
            <dd>{whyText(data)}</dd>
          </div>
        </dl>
      ))}
      {incidents.length > MOST && <p class="faint small">{t('andMore', incidents.length - MOST)}</p>}
    </>
  );
}

function whereText({ poles }: ReplayReport, { location, accuracy }: EventData): string {
  if (!location || !accuracy) return poles.length > 1 ? t('noPoint') : t('noPositions');
  const near = whereIs(
    location.coordinates,
    poles.flatMap(({ pole, position }) => (position ? [{ pole, position }] : [])),
  );
  return [near, `± ${meters(accuracy.semiMajorMeters)}`, place(location.coordinates)]
    .filter(Boolean)
    .join(' · ');
}

/** What the poles bear out; then the strongest of what else it sounded like. */
function whyText({ reasons = [] }: EventData): string {
  const evidence = reasons.filter(({ class: name }) => name === 'evidence');
  const others = reasons.filter(({ class: name }) => name !== 'evidence');
  return [...evidence, ...others.slice(0, 1)].map(({ text }) => said(text).text).join(' ');
}

function NoAlert({ report }: { report: ReplayReport }) {
  const nearest = nearestMiss(report);
  const sounded = soundedLike(report);
  return (
    <dl class="answers">
      <div>
        <dt>{t('heard')}</dt>
        <dd class="answer">{t('heardNothing')}</dd>
      </div>
      {sounded.length > 0 && (
        <div>
          <dt>{t('soundedLike')}</dt>
          <dd>{sounded.map(([name, highest]) => `${word(name)} ${highest} %`).join(', ')}</dd>
        </div>
      )}
      {nearest && (
        <div>
          <dt>{t('whyNo')}</dt>
          <dd>
            {t('nearestMiss', word(nearest.class))} {number(nearest.score, 3)} ({nearest.pole},{' '}
            {offset(nearest.seconds)}). {t('needsOthers', number(nearest.on, 3))}{' '}
            {t('needsAlone', number(nearest.alone, 3))}
          </dd>
        </div>
      )}
    </dl>
  );
}

/** The class that came nearest to what counts, as a share of it. */
function nearestMiss({ best, thresholds }: ReplayReport) {
  return best
    .flatMap((one) => {
      const limits = thresholds[one.class];
      return limits ? [{ ...one, ...limits, share: one.score / limits.on }] : [];
    })
    .sort((a, b) => b.share - a.share)
    .at(0);
}

/** The kinds that are no alert and scored most. */
function soundedLike({ tracks }: ReplayReport): Array<[name: string, percent: number]> {
  const highest = new Map<string, number>();
  for (const { scores } of tracks)
    scores.classes.forEach((name, i) => {
      if (EVENTS.includes(name)) return;
      highest.set(name, Math.max(highest.get(name) ?? 0, ...scores.percent.map((values) => values[i])));
    });
  return [...highest]
    .filter(([, value]) => value >= NOTABLE_PERCENT)
    .sort((a, b) => b[1] - a[1])
    .slice(0, RUNNERS);
}
