import { api } from '../api.js';
import { number } from '../format.js';
import { SaidText } from '../said/said-text.js';
import { useLoaded } from '../store.js';
import { t, word } from '../texts.js';

export interface About {
  version: string;
  site: string;
  model?: {
    name: string;
    version: string;
    sha256: string;
    classes: string[];
    thresholds: Record<string, { on: number; off: number; alone: number }>;
    card?: {
      licence?: string;
      trainingData?: Array<{ source: string; licence: string; attribution?: string }>;
    };
  };
  keeps: {
    soundSeconds: number;
    detectionsMinutes: number;
    eventsDays: number;
    verdictsDays: number;
    replayReportsMinutes: number;
  };
}

/** What is done with sound here, what is kept, and by what it judges. */
export function AboutView() {
  const { value: about, error } = useLoaded('about', () => api<About>('/about'));
  if (error)
    return (
      <p class="bad">
        <SaidText text={error.message} />
      </p>
    );
  if (!about) return <p class="faint">{t('loading')}</p>;
  const { keeps, model } = about;
  const kept: Array<[string, string]> = [
    [t('keptSound'), t('keptSoundFor', keeps.soundSeconds)],
    [t('keptDetections'), t('keptFor', t('minutes', number(keeps.detectionsMinutes)))],
    [t('keptEvents'), t('keptFor', t('daysCount', number(keeps.eventsDays)))],
    [t('keptVerdicts'), t('daysCount', number(keeps.verdictsDays))],
    [t('keptReplays'), t('keptReplaysFor', keeps.replayReportsMinutes)],
  ];
  return (
    <div class="columns">
      <section class="panel">
        <h2>{t('processed')}</h2>
        <p>{t('processedText')}</p>
        <h2>{t('kept')}</h2>
        <dl class="facts-list">
          {kept.map(([term, text]) => (
            <div key={term}>
              <dt>{term}</dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
        <h2>{t('legal')}</h2>
        <p>{t('legalText')}</p>
      </section>
      <section class="panel">
        <h2>{t('model')}</h2>
        <dl class="facts-list">
          <div>
            <dt>{t('version')}</dt>
            <dd>Clameur {about.version}</dd>
          </div>
          {model && (
            <>
              <div>
                <dt>{t('model')}</dt>
                <dd>
                  {model.name} {model.version} <code>{model.sha256.slice(0, 16)}</code>
                </dd>
              </div>
              {model.card?.licence && (
                <div>
                  <dt>{t('licence')}</dt>
                  <dd>{model.card.licence}</dd>
                </div>
              )}
            </>
          )}
        </dl>
        {model && <Thresholds thresholds={model.thresholds} />}
        {model?.card?.trainingData && (
          <>
            <h2>{t('trainedOn')}</h2>
            <ul class="plain" lang="en">
              {model.card.trainingData.map((data) => (
                <li key={data.source}>
                  {data.source} <span class="faint">({data.licence})</span>
                </li>
              ))}
            </ul>
          </>
        )}
        <h2>{t('forPrograms')}</h2>
        <p class="links">
          <a href="/api/v1/openapi.json">OpenAPI</a> <a href="/api/v1/status">/api/v1/status</a>{' '}
          <a href="/metrics">/metrics</a> <a href="/readyz">/readyz</a>
        </p>
      </section>
    </div>
  );
}

function Thresholds({ thresholds }: { thresholds: NonNullable<About['model']>['thresholds'] }) {
  return (
    <>
      <h2>{t('thresholds')}</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('class')}</th>
            <th scope="col">{t('thresholdOff')}</th>
            <th scope="col">{t('thresholdOn')}</th>
            <th scope="col">{t('thresholdAlone')}</th>
          </tr>
        </thead>
        <tbody>
          {Object.entries(thresholds).map(([name, { on, off, alone }]) => (
            <tr key={name}>
              <th scope="row">{word(name)}</th>
              <td>{number(off, 3)}</td>
              <td>{number(on, 3)}</td>
              <td>{number(alone, 3)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
