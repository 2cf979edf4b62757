import { ago, clock, day, meters, number, percent, place, seconds } from '../format.js';
import { whereIs } from '../map/where.js';
import { t, word } from '../texts.js';
import type { IncidentSummary } from '../types.js';

export function ClassBadge({ name }: { name: string }) {
  return <span class={`badge ${name}`}>{word(name)}</span>;
}

export function VerdictBadge({ review }: { review: IncidentSummary['review'] }) {
  return review ? <span class={`verdict ${review.state}`}>{word(review.state)}</span> : null;
}

export function shotsText({
  shots,
  automatic,
}: Pick<IncidentSummary, 'shots' | 'automatic'>): string | undefined {
  if (shots === undefined) return undefined;
  const count = shots === 1 ? t('oneShot') : t('shots', shots);
  return automatic ? `${count}, ${t('automaticFire')}` : count;
}

interface ListProps {
  /** A place is told by the nearest of them. */
  poles: ReadonlyArray<{ pole: string; position: readonly [number, number] }>;
  incidents: readonly IncidentSummary[];
  selected?: string | undefined;
  nowMillis: number;
  onSelect: (incidentId: string) => void;
}

/** Incidents as cards, newest first: what, when, how sure, where, and what an operator said. */
export function IncidentList(props: ListProps) {
  return (
    <ul class="incidents">
      {props.incidents.map((incident) => (
        <li key={incident.incidentId}>
          <button
            type="button"
            class="card incident-card"
            aria-current={incident.incidentId === props.selected}
            onClick={() => props.onSelect(incident.incidentId)}
          >
            <Line incident={incident} nowMillis={props.nowMillis} poles={props.poles} />
          </button>
        </li>
      ))}
    </ul>
  );
}

/** "5 of 8 poles". */
export const heardText = ({ polesHeard, polesSilent }: Pick<IncidentSummary, 'polesHeard' | 'polesSilent'>) =>
  `${number(polesHeard)} ${t('ofPoles', number(polesHeard + polesSilent))}`;

function Line({
  incident,
  nowMillis,
  poles,
}: {
  incident: IncidentSummary;
  nowMillis: number;
  poles: ListProps['poles'];
}) {
  const { location, accuracy, latencySeconds } = incident;
  const near = location && whereIs(location, poles);
  const facts = [
    location && accuracy ? `${near ?? place(location)} ± ${meters(accuracy.semiMajorMeters)}` : t('noPoint'),
    heardText(incident),
    incident.class === 'gunshot' ? shotsText(incident) : undefined,
    latencySeconds !== undefined ? `${t('latency').toLowerCase()} ${seconds(latencySeconds)}` : undefined,
  ];
  return (
    <>
      <span class="top">
        <ClassBadge name={incident.class} />
        {incident.exercise && <span class="tag">{t('exercise')}</span>}
        {incident.state === 'open' && <span class="tag open">{t('open')}</span>}
        <VerdictBadge review={incident.review} />
        <span class="when">{ago(incident.onset, nowMillis)}</span>
      </span>
      <span class="middle">
        <span class="time">
          {day(incident.onset)} <b>{clock(incident.onset)}</b>
        </span>
        <Confidence value={incident.confidence} name={incident.class} />
      </span>
      <span class="facts">{facts.filter(Boolean).join(' · ')}</span>
    </>
  );
}

export function Confidence({ value, name }: { value: number; name: string }) {
  return (
    <span class="confidence" title={t('confidence')}>
      <span class={`bar ${name}`}>
        <span style={{ width: `${value * 100}%` }} />
      </span>
      {percent(value)}
    </span>
  );
}
