import { drawBars } from './bars.js';
import type { ClipResult } from './clips.js';
import { drawChart, type Series } from './charts.js';
import type { LiveFireResult } from './live-fire.js';
import type { Example, OperatingPoint } from './ranking.js';
import type { StreamResult } from './streams.js';

const SHARES = [0, 0.2, 0.4, 0.6, 0.8, 1];
const LOG_SHARES = [0.001, 0.01, 0.1, 1];
const BINS = 10;

interface Judged {
  name: string;
  curve: readonly OperatingPoint[];
  examples: readonly Example[];
}

/** ROC and DET, precision and recall, and reliability, of every class under every condition. */
export function rankingCharts(title: string, judged: readonly Judged[]): string[] {
  if (judged.length === 0) return [];
  return [
    drawChart({
      title: `${title}: ROC`,
      x: { label: 'false positives, share of negatives', from: 0.001, to: 1, log: true, ticks: LOG_SHARES },
      y: { label: 'recall', from: 0, to: 1, ticks: SHARES },
      series: judged.map(({ name, curve }) => ({ name, points: rocPoints(curve) })),
    }),
    drawChart({
      title: `${title}: precision and recall`,
      x: { label: 'recall', from: 0, to: 1, ticks: SHARES },
      y: { label: 'precision', from: 0, to: 1, ticks: SHARES },
      series: judged.map(({ name, curve }) => ({ name, points: precisionPoints(curve) })),
    }),
    drawChart({
      title: `${title}: reliability`,
      x: { label: 'score, mean of a tenth', from: 0, to: 1, ticks: SHARES },
      y: { label: 'share of positives (both sides weighted alike)', from: 0, to: 1, ticks: SHARES },
      series: [
        {
          name: 'as it should be',
          points: [
            [0, 0],
            [1, 1],
          ],
        },
        ...judged.map(({ name, examples }) => ({ name, points: reliabilityPoints(examples), dots: true })),
      ],
    }),
  ];
}

export function clipCharts(results: readonly ClipResult[]): string[] {
  const charts: string[] = [];
  const classes = new Set(results.flatMap(({ curves }) => curves.map((one) => one.class)));
  for (const own of classes) {
    const judged = results.flatMap(({ model, curves }) =>
      curves
        .filter((one) => one.class === own)
        .map(({ condition, curve, examples }) => ({ name: `${model}, ${condition}`, curve, examples })),
    );
    charts.push(
      ...rankingCharts(own, judged),
      ...recallCharts(own, results),
      ...confuserCharts(own, results),
    );
  }
  return charts;
}

/** What each confuser costs, worst first: where 1 % of all negatives pass, the even share would be 0.01 each. */
function confuserCharts(own: string, results: readonly ClipResult[]): string[] {
  return results.flatMap(({ model, classes }) =>
    classes
      .filter((one) => one.class === own && one.confusers.length > 0)
      .map(({ confusers }) =>
        drawBars(
          `${own}: confusers taken for it, ${model}`,
          'share of its clips above the score that 1 % of all negatives reach',
          [...confusers]
            .sort((a, b) => b.shareAt1Percent.value - a.shareAt1Percent.value)
            .map(({ confuser, clips, shareAt1Percent }) => ({
              name: `${confuser} (${clips})`,
              figure: shareAt1Percent,
            })),
        ),
      ),
  );
}

function recallCharts(own: string, results: readonly ClipResult[]): string[] {
  const classes = results.flatMap(({ model, classes: all }) =>
    all.filter((one) => one.class === own).map((figures) => ({ model, figures })),
  );
  const bySnr = classes.map(({ model, figures }) => ({
    name: model,
    points: figures.conditions.flatMap(({ condition, recallAt1Percent }) =>
      condition.endsWith(' dB') && recallAt1Percent
        ? [[parseFloat(condition), recallAt1Percent.value] as const]
        : [],
    ),
  }));
  const byDistance = classes.flatMap(({ model, figures }) =>
    [...new Set(figures.bands.map(({ condition }) => condition))].map((condition) => ({
      name: `${model}, ${condition}`,
      points: figures.bands
        .filter((one) => one.condition === condition)
        .map(({ band, recallAt1Percent }) => [parseFloat(band), recallAt1Percent.value] as const),
    })),
  );
  const recall = { label: 'recall at 1 % false positives', from: 0, to: 1, ticks: SHARES };
  return [
    ...chartOf(bySnr, (series) =>
      drawChart({
        title: `${own}: recall by signal-to-noise ratio`,
        x: { label: 'dB', from: -5, to: 30, ticks: [-5, 0, 5, 10, 15, 20, 25, 30] },
        y: recall,
        series,
      }),
    ),
    ...chartOf(byDistance, (series) =>
      drawChart({
        title: `${own}: recall by distance`,
        x: { label: 'from so many metres on', from: 0, to: 300, ticks: [0, 150, 300] },
        y: recall,
        series,
      }),
    ),
  ];
}

export function liveFireCharts(results: readonly LiveFireResult[]): string[] {
  return rankingCharts(
    'live fire',
    results.map(({ model, curve, examples }) => ({ name: model, curve, examples })),
  );
}

export function streamCharts(results: readonly StreamResult[]): string[] {
  const series = results.flatMap(({ model, generated }) =>
    generated
      ? [
          {
            name: model,
            points: generated.det.map((one) => [one.falseAlarmsPerPoleDay, one.missShare] as const),
          },
        ]
      : [],
  );
  return chartOf(series, (some) =>
    drawChart({
      title: 'Soundscapes: DET, over every confidence',
      x: { label: 'false alarms a pole-day', from: 0.1, to: 1000, log: true, ticks: [0.1, 1, 10, 100, 1000] },
      y: { label: 'missed', from: 0.01, to: 1, log: true, ticks: [0.01, 0.1, 1] },
      series: some,
    }),
  );
}

function chartOf(series: readonly Series[], draw: (series: readonly Series[]) => string): string[] {
  const some = series.filter(({ points }) => points.length > 0);
  return some.length > 0 ? [draw(some)] : [];
}

function rocPoints(curve: readonly OperatingPoint[]): Array<readonly [number, number]> {
  const { hits, falseAlarms } = curve[curve.length - 1];
  return curve.map((point) => [point.falseAlarms / falseAlarms, point.hits / hits] as const);
}

function precisionPoints(curve: readonly OperatingPoint[]): Array<readonly [number, number]> {
  const { hits } = curve[curve.length - 1];
  return curve.map((point) => [point.hits / hits, point.hits / (point.hits + point.falseAlarms)] as const);
}

/** By tenths of the score: where a score of 0.8 is right in eight of ten, points lie on the diagonal. */
function reliabilityPoints(examples: readonly Example[]): Array<readonly [number, number]> {
  const positives = examples.filter(({ positive }) => positive).length;
  const weightOf = ({ positive }: Example): number =>
    positive ? 1 / positives : 1 / (examples.length - positives);
  return Array.from({ length: BINS }, (_, bin) => {
    const own = examples.filter(({ score }) => Math.min(BINS - 1, Math.floor(score * BINS)) === bin);
    const weight = own.reduce((sum, one) => sum + weightOf(one), 0);
    const mean = own.reduce((sum, one) => sum + weightOf(one) * one.score, 0) / weight;
    const right = own.reduce((sum, one) => sum + (one.positive ? weightOf(one) : 0), 0) / weight;
    return own.length > 0 ? [[mean, right] as const] : [];
  }).flat();
}
