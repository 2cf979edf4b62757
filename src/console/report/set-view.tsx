import { useState } from 'preact/hooks';
import { number, seconds } from '../format.js';
import { t } from '../texts.js';
import type { ReplayReport } from '../types.js';
import { lastOf } from './last-of.js';
import { ReportView } from './report-view.js';

interface Line {
  name: string;
  expected: number;
  found: number;
  missed: number;
  wrong: number;
  errorMeters: number[];
  /** Sound that had to be heard before an incident was first told of. */
  afterSeconds: number[];
  ok: boolean;
}

function lineOf(report: ReplayReport): Line {
  const matches = report.check?.matches ?? [];
  const found = matches.filter(
    ({ incidentId, problems }) => incidentId !== undefined && problems.length === 0,
  );
  const first = new Map<string, number>();
  for (const { event, afterSeconds } of report.events)
    if (!first.has(event.data.incidentId)) first.set(event.data.incidentId, afterSeconds);
  return {
    name: report.name,
    expected: matches.length,
    found: found.length,
    missed: matches.filter(({ incidentId }) => incidentId === undefined).length,
    wrong:
      (report.check ? report.check.unexpected.length : lastOf(report).length) +
      matches.filter(({ incidentId, problems }) => incidentId !== undefined && problems.length > 0).length,
    errorMeters: matches.flatMap(({ errorMeters }) => errorMeters ?? []),
    afterSeconds: [...first.values()],
    ok: report.check?.ok ?? true,
  };
}

/** Many scenes: a table and two plots first, then any of them as if it were alone. */
export function SetView({ reports }: { reports: readonly ReplayReport[] }) {
  const [chosen, setChosen] = useState(0);
  const lines = reports.map(lineOf);
  const total = (key: 'expected' | 'found' | 'missed' | 'wrong') =>
    lines.reduce((sum, line) => sum + line[key], 0);
  return (
    <>
      <section class="panel">
        <h2>{t('summary')}</h2>
        <div class="scroll" role="region" aria-label={t('summary')} tabIndex={0}>
          <table>
            <thead>
              <tr>
                {(['scene', 'expected', 'foundCount', 'missed', 'wrong', 'error', 'latency'] as const).map(
                  (key) => (
                    <th scope="col" key={key}>
                      {t(key)}
                    </th>
                  ),
                )}
              </tr>
            </thead>
            <tbody>
              {lines.map((line, i) => (
                <tr key={i} class={i === chosen ? 'chosen' : ''}>
                  <th scope="row">
                    <button type="button" class="link" onClick={() => setChosen(i)}>
                      {line.name}
                    </button>
                  </th>
                  <td>{line.expected}</td>
                  <td class={line.ok ? 'good' : ''}>{line.found}</td>
                  <td class={line.missed > 0 ? 'bad' : ''}>{line.missed}</td>
                  <td class={line.wrong > 0 ? 'bad' : ''}>{line.wrong}</td>
                  <td>{line.errorMeters.map((error) => `${number(error, 1)} m`).join(', ')}</td>
                  <td>{line.afterSeconds.map((after) => seconds(after)).join(', ')}</td>
                </tr>
              ))}
            </tbody>
            <tfoot>
              <tr>
                <th scope="row">
                  {reports.length} {t('scenes').toLowerCase()}
                </th>
                <td>{total('expected')}</td>
                <td>{total('found')}</td>
                <td>{total('missed')}</td>
                <td>{total('wrong')}</td>
                <td />
                <td />
              </tr>
            </tfoot>
          </table>
        </div>
      </section>
      <div class="columns">
        <Plot
          title={t('errorPlot')}
          unit="m"
          rows={lines.map(({ name, errorMeters }) => [name, errorMeters])}
        />
        <Plot
          title={t('latencyPlot')}
          unit="s"
          rows={lines.map(({ name, afterSeconds }) => [name, afterSeconds])}
        />
      </div>
      <ReportView key={chosen} report={reports[chosen]} />
    </>
  );
}

/** 1, 2 or 5 and noughts: the axis ends at a round number. */
function roundAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1e-3)));
  return power * [1, 2, 5, 10].find((step) => step * power >= value)!;
}

/** One row a scene, one dot a value. */
function Plot({
  title,
  unit,
  rows,
}: {
  title: string;
  unit: string;
  rows: ReadonlyArray<readonly [string, readonly number[]]>;
}) {
  const shown = rows.filter(([, values]) => values.length > 0);
  if (shown.length === 0) return null;
  const most = roundAbove(Math.max(...shown.flatMap(([, values]) => values)));
  const high = shown.length * 18 + 22;
  const x = (value: number) => 190 + (value / most) * 300;
  return (
    <figure class="panel">
      <figcaption>
        <b>{title}</b>
      </figcaption>
      <svg
        class="plot"
        viewBox={`0 0 520 ${high}`}
        role="img"
        aria-label={`${title}: ${shown.map(([name, values]) => `${name} ${values.map((value) => number(value, 1)).join(' ')} ${unit}`).join(', ')}`}
      >
        {[0, 0.5, 1].map((share) => (
          <g key={share}>
            <line class="rule" x1={x(share * most)} x2={x(share * most)} y1={0} y2={high - 18} />
            <text x={x(share * most)} y={high - 5} text-anchor="middle">
              {number(share * most, most < 10 ? 1 : 0)} {unit}
            </text>
          </g>
        ))}
        {shown.map(([name, values], i) => (
          <g key={name}>
            <text x={182} y={i * 18 + 14} text-anchor="end">
              {name.length > 32 ? `${name.slice(0, 31)}…` : name}
            </text>
            {values.map((value, k) => (
              <circle key={k} class="value" cx={x(value)} cy={i * 18 + 10} r={4} />
            ))}
          </g>
        ))}
      </svg>
    </figure>
  );
}
