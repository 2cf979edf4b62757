import { escapeHtml, htmlPage, htmlTable, percent } from '../review/index.js';
import type { TransparencyRecord } from './transparency.js';

/** The record as a page for the public. */
export function transparencyPage(record: TransparencyRecord): string {
  const { operator, figures, hours, retention, model } = record;
  const entries: Array<[string, string]> = [
    ...(operator
      ? ([
          ['Who runs it', `${operator.controller.name}, ${operator.controller.contact}`],
          ['Data protection officer', operator.dataProtectionOfficer?.contact ?? 'not named'],
          ['What for', operator.purpose],
          ['Legal basis, as the operator states it', operator.legalBasis],
          ['Who gets the alerts', operator.recipients.join('; ')],
          ['Impact assessment', `${operator.impactAssessment.reference}, ${operator.impactAssessment.date}`],
          ['How people are told', operator.information ?? 'not said'],
          ['This holds until', operator.until],
        ] satisfies Array<[string, string]>)
      : ([['Who runs it, what for, on what legal basis', 'The operator has not said.']] satisfies Array<
          [string, string]
        >)),
    ['Where', record.zones.length > 0 ? record.zones.join(', ') : `site ${record.site}`],
    ['Where nothing is listened to', record.muteZones.join(', ') || 'no such zone'],
    [
      'When',
      hours === 'always'
        ? 'always'
        : hours.open
            .map(({ days, from, to }) => `${days.join(' ')} ${from} to ${to} (${hours.timeZone})`)
            .join('; '),
    ],
    ['Microphones', `on ${record.poles} poles`],
    ['What it recognises', record.classes.map((name) => name.replaceAll('_', ' ')).join(', ')],
    [
      'How sure it must be (its score, 0 to 1)',
      Object.entries(record.thresholds)
        .map(
          ([name, { on, alone }]) =>
            `${name.replaceAll('_', ' ')}: one pole alone ${alone}, each of several ${on}`,
        )
        .join('; ') +
        (record.thresholdsByPole > 0 ? `; other scores at ${record.thresholdsByPole} poles` : ''),
    ],
    [
      'What becomes of sound',
      'At most 4 seconds a pole lie in memory; nothing of it is stored, sent or shown. No speech is recognised. No camera is coupled.',
    ],
    [
      'How long alerts are kept',
      `${retention.eventsDays} days; those that nobody confirmed ${retention.unconfirmedEventsDays} days`,
    ],
    [
      'What else is kept',
      `what operators said of alerts ${retention.verdictsDays} days; how long each pole was listened to and how many alerts there were, by the hour, ${retention.figuresDays} days; the audit log ${retention.auditDays} days`,
    ],
    ['Model', `${model.name} ${model.version} (SHA-256 ${model.sha256})`],
    ['What the model learnt from', trainingSources(model.card)],
  ];
  const list = entries
    .map(([term, text]) => `<dt>${escapeHtml(term)}</dt><dd>${escapeHtml(text)}</dd>`)
    .join('\n');
  const measured = figures
    ? htmlTable(
        `Alerts from ${figures.from.slice(0, 10)} to ${figures.to.slice(0, 10)}, by what operators said of them (95 % intervals)`,
        ['class', 'alerts', 'confirmed', 'dismissed', 'unsure', 'no verdict', 'precision'],
        [{ key: 'all', ...figures.total }, ...figures.classes].map((one) => [
          one.key.replaceAll('_', ' '),
          one.alerts,
          one.confirmed,
          one.dismissed,
          one.unsure,
          one.unconfirmed,
          percent(one.precision),
        ]),
      ) +
      htmlTable(
        'By zone',
        ['zone', 'alerts', 'confirmed', 'dismissed', 'km²', 'alerts a km² and day'],
        figures.zones.map((zone) => [
          zone.key,
          zone.alerts,
          zone.confirmed,
          zone.dismissed,
          zone.squareKilometers?.toFixed(2),
          zone.alertsPerSquareKilometerDay?.value.toPrecision(2),
        ]),
      )
    : '<p>The figures cannot be read at the moment.</p>';
  const law = record.law.words.map((text) => `<li>${escapeHtml(text)}</li>`).join('\n');
  return htmlPage(
    `Clameur at ${record.site}: transparency record`,
    `<h1>Microphones that listen for gunshots: ${escapeHtml(record.site)}</h1>
<dl>
${list}
</dl>
<h2>How well it does</h2>
${measured}<h2>What the law says, as of ${record.law.asOf}</h2>
<ul>
${law}
</ul>
<p>The same for machines: <a href="/api/v1/transparency">/api/v1/transparency</a></p>
`,
  );
}

/** As the model's sidecar names them; a model of somebody else's may say nothing. */
function trainingSources({ trainingData }: Readonly<Record<string, unknown>>): string {
  const sources = Array.isArray(trainingData) ? (trainingData as Array<{ source?: unknown }>) : [];
  return (
    sources.flatMap(({ source }) => (typeof source === 'string' ? [source] : [])).join('; ') || 'not said'
  );
}
