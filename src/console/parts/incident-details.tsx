import type { ComponentChildren } from 'preact';
import { whereIs } from '../map/where.js';
import { clock, day, doubt, meters, millis, number, percent, place, seconds } from '../format.js';
import { SaidText } from '../said/said-text.js';
import { t, word } from '../texts.js';
import type { EventData } from '../types.js';
import { ClassBadge, Confidence, heardText, shotsText, VerdictBadge } from './incident-list.js';

/** One incident, from what it was to why the service thinks so. */
export function IncidentDetails({
  data,
  poles: known = [],
  children,
}: {
  data: EventData;
  /** Where the site's poles are: a place is told by the nearest. */
  poles?: ReadonlyArray<{ pole: string; position?: readonly [number, number] | number[] }>;
  /** Stands under the headline. */
  children?: ComponentChildren;
}) {
  const { location, accuracy, weather, latencySeconds, reasons = [], poles } = data;
  const shots = shotsText({
    ...(data.shots && { shots: data.shots.count, automatic: data.shots.automatic }),
  });
  const near =
    location &&
    whereIs(
      location.coordinates,
      known.flatMap(({ pole, position }) =>
        position ? [{ pole, position: [position[0], position[1]] as const }] : [],
      ),
    );
  const evidence = reasons.filter((reason) => reason.class === 'evidence');
  const others = reasons.filter((reason) => reason.class !== 'evidence');
  const facts: Array<[string, string | undefined]> = [
    [t('time'), `${day(data.onset)} ${clock(data.onset)}`],
    [t('place'), location ? (near ?? place(location.coordinates)) : t('noPoint')],
    [t('coordinates'), location && near ? place(location.coordinates) : undefined],
    [
      t('ellipse'),
      accuracy &&
        `± ${meters(accuracy.semiMajorMeters)} × ${meters(accuracy.semiMinorMeters)}, ${number(accuracy.azimuthDegrees)}°`,
    ],
    [
      t('method'),
      `${data.method === 'none' ? t('none_method') : word(data.method)}${data.insideHull === undefined ? '' : `, ${data.insideHull ? t('insideHull') : t('outsideHull')}`}`,
    ],
    [t('heardBy'), heardText(data)],
    [t('shotCount'), data.class === 'gunshot' ? shots : undefined],
    [t('level'), data.levelDb === undefined ? undefined : `${number(data.levelDb, 1)} dB`],
    [t('weather'), weather && weatherText(weather)],
    [t('model'), `${data.model.name} ${data.model.version}`],
  ];
  return (
    <div class="details">
      <p class="top">
        <ClassBadge name={data.class} />
        {data.exercise && <span class="tag">{t('exercise')}</span>}
        <span class="tag">{data.state === 'closed' ? t('closed') : t('open')}</span>
        <VerdictBadge review={data.review} />
        <Confidence value={data.confidence} name={data.class} />
      </p>
      {children}
      <dl class="facts-list">
        {facts.map(
          ([term, text]) =>
            text !== undefined && (
              <div key={term}>
                <dt>{term}</dt>
                <dd>{text}</dd>
              </div>
            ),
        )}
      </dl>
      <h3>{t('why')}</h3>
      {evidence.length === 0 && <p class="faint">{t('noReasons')}</p>}
      <ul class="evidence">
        {evidence.map(({ text }) => (
          <li key={text}>
            <SaidText text={text} />
          </li>
        ))}
      </ul>
      {others.length > 0 && <h3>{t('whatElse')}</h3>}
      <ul class="reasons">
        {others.map((reason) => (
          <li key={reason.class + reason.text}>
            <span class="reason-head">
              <b>{word(reason.class)}</b>
              {reason.score !== undefined && <Confidence value={reason.score} name="runner" />}
            </span>
            <span class="faint">
              <SaidText text={reason.text} />
            </span>
          </li>
        ))}
      </ul>
      <h3>{t('byPole')}</h3>
      <PoleTable poles={poles} onset={data.onset} />
      <Features poles={poles} />
      {latencySeconds && <Stages latency={latencySeconds} />}
    </div>
  );
}

function weatherText(weather: NonNullable<EventData['weather']>): string {
  const { temperatureC, relativeHumidity, windSpeed, windFromDegrees } = weather;
  return [
    temperatureC !== undefined && `${number(temperatureC, 1)} °C`,
    relativeHumidity !== undefined && percent(relativeHumidity / 100),
    windSpeed !== undefined && `${t('wind')} ${number(windSpeed, 1)} m/s`,
    windFromDegrees !== undefined && `${number(windFromDegrees)}°`,
  ]
    .filter(Boolean)
    .join(', ');
}

function PoleTable({ poles, onset }: { poles: EventData['poles']; onset: string }) {
  const widest = Math.max(0.002, ...poles.map(({ residualSeconds = 0 }) => Math.abs(residualSeconds)));
  return (
    <div class="scroll" role="region" aria-label={t('byPole')} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('pole')}</th>
            <th scope="col">{t('arrival')}</th>
            <th scope="col">{t('score')}</th>
            <th scope="col">{t('residual')}</th>
            <th scope="col">{t('snr')}</th>
            <th scope="col">{t('clockDoubt')}</th>
          </tr>
        </thead>
        <tbody>
          {poles.map((pole) => (
            <tr key={pole.pole}>
              <th scope="row">{pole.pole}</th>
              <td>+{millis((Date.parse(pole.arrival) - Date.parse(onset)) / 1000, 0)}</td>
              <td>{number(pole.score, 2)}</td>
              <td>
                {pole.residualSeconds === undefined ? (
                  ''
                ) : (
                  <Residual value={pole.residualSeconds} widest={widest} />
                )}
              </td>
              <td>{pole.snrDb === undefined ? '' : `${number(pole.snrDb)} dB`}</td>
              <td>{doubt(pole.clockUncertaintySeconds)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A bar to the left (too early) or right (too late) of nothing. */
function Residual({ value, widest }: { value: number; widest: number }) {
  const share = (Math.abs(value) / widest) * 50;
  return (
    <span class="residual">
      <span class="axis">
        <span style={{ width: `${share}%`, left: value < 0 ? `${50 - share}%` : '50%' }} />
      </span>
      {millis(value)}
    </span>
  );
}

function Features({ poles }: { poles: EventData['poles'] }) {
  const described = poles.filter(({ features }) => features);
  if (described.length === 0) return null;
  const names = [...new Set(described.flatMap(({ features }) => Object.keys(features!)))];
  return (
    <details>
      <summary>{t('features')}</summary>
      <div class="scroll" role="region" aria-label={t('features')} tabIndex={0}>
        <table>
          <thead>
            <tr>
              <td />
              {described.map(({ pole }) => (
                <th scope="col" key={pole}>
                  {pole}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {names.map((name) => (
              <tr key={name}>
                <th scope="row">{word(name)}</th>
                {described.map(({ pole, features }) => (
                  <td key={pole}>
                    {features![name] === undefined ? '' : Number(features![name].toPrecision(4))}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

const STAGES = ['transport', 'listen', 'locate', 'publish'] as const;

function Stages({ latency }: { latency: NonNullable<EventData['latencySeconds']> }) {
  return (
    <>
      <h3>{t('stages')}</h3>
      <p class="stages">
        {STAGES.map(
          (stage) =>
            latency[stage] !== undefined && (
              <span key={stage}>
                {t(stage)} <b>{seconds(latency[stage], 3)}</b>
              </span>
            ),
        )}
        {latency.total !== undefined && (
          <span>
            = <b>{seconds(latency.total)}</b>
          </span>
        )}
      </p>
    </>
  );
}
