import { number, offset, percent } from '../format.js';
import { t, word } from '../texts.js';
import type { ReplayReport } from '../types.js';
import { lastOf } from './last-of.js';

/** Why there was, or was not, an alert: the best score of each class against what it takes, and which pole gave what. */
export function NearMisses({ report }: { report: ReplayReport }) {
  const rows = report.best.filter(({ class: name }) => report.thresholds[name]);
  return (
    <section class="panel">
      <h3>{t('whyNot')}</h3>
      <p class="faint small">{t('whyNotHelp')}</p>
      {rows.map(({ class: name, score, pole, seconds: at }) => {
        const { on, alone } = report.thresholds[name];
        const alerted = lastOf(report).some((data) => data.class === name);
        const verdict =
          score >= alone
            ? t('aloneEnough')
            : score < on
              ? t('belowAll')
              : alerted
                ? t('withOthers')
                : t('noOther');
        return (
          <div class="gauge" key={name}>
            <span class="name">{word(name)}</span>
            <span class="track" role="img" aria-label={`${word(name)} ${percent(score)}: ${verdict}`}>
              <span class={`fill ${name}`} style={{ width: `${score * 100}%` }} />
              <i style={{ left: `${on * 100}%` }} />
              <i class="alone" style={{ left: `${alone * 100}%` }} />
            </span>
            <span class="small">
              <b>{number(score, 3)}</b> {pole}, {offset(at)}: {verdict}{' '}
              <span class="faint">
                ({number(on, 3)} / {number(alone, 3)})
              </span>
            </span>
          </div>
        );
      })}
      <ul class="legend small">
        <li>
          <span class="tick" /> {t('withOthers')}
        </li>
        <li>
          <span class="tick alone" /> {t('aloneEnough')}
        </li>
      </ul>
      {report.tracks.length > 1 && <ByPole report={report} names={rows.map(({ class: name }) => name)} />}
    </section>
  );
}

/** How much of each class every pole heard. */
function ByPole({ report, names }: { report: ReplayReport; names: readonly string[] }) {
  return (
    <div class="scroll" role="region" aria-label={t('bestByPole')} tabIndex={0}>
      <table class="by-pole">
        <caption>{t('bestByPole')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('pole')}</th>
            {names.map((name) => (
              <th scope="col" key={name}>
                {word(name)}
              </th>
            ))}
            <th scope="col">{t('soundedLike')}</th>
          </tr>
        </thead>
        <tbody>
          {report.tracks.map((track) => {
            const { classes, percent: values } = track.scores;
            const highest = (name: string) => {
              const index = classes.indexOf(name);
              const heard = track.detections.filter((one) => one.class === name).map(({ score }) => score);
              return Math.max(0, ...heard, ...values.map((row) => row[index] / 100));
            };
            const [other] = classes
              .filter((name) => !report.thresholds[name] && name !== 'unusual')
              .sort((a, b) => highest(b) - highest(a));
            return (
              <tr key={track.pole}>
                <th scope="row">{track.pole}</th>
                {names.map((name) => {
                  const score = highest(name);
                  return (
                    <td key={name} class={score >= report.thresholds[name].on ? 'reached' : 'faint'}>
                      {number(score, 2)}
                    </td>
                  );
                })}
                <td class="faint">{other && `${word(other)} ${number(highest(other), 2)}`}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
