import Table from 'cli-table3';
import type { Figure, RankingFigures } from './bootstrap.js';
import type { ClipResult } from './clips.js';
import type { LiveFireResult } from './live-fire.js';
import type { SceneResult } from './scenes.js';
import type { FalseAlarms } from './stream-figures.js';
import type { StreamResult } from './streams.js';

/** `0.951 [0.930, 0.968]`. */
export function figureText(figure: Figure | undefined): string {
  if (!figure || !Number.isFinite(figure.value)) return '–';
  const text = (value: number): string => value.toFixed(3);
  const { value, low, high } = figure;
  return low === undefined ? text(value) : `${text(value)} [${text(low)}, ${text(high!)}]`;
}

export function tableText(title: string, head: string[], rows: string[][]): string {
  if (rows.length === 0) return '';
  // A line between rows would double the length of tables of dozens.
  const chars = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' };
  const table = new Table({ head, chars, style: { head: [], border: [] } });
  table.push(...rows);
  return `${title}\n${table.toString()}\n\n`;
}

const RANKED = ['AUC', 'AP', 'recall at 1 %', 'recall at 0.1 %'];
const ranked = ({ auc, ap, recallAt1Percent, recallAt01Percent }: RankingFigures): string[] =>
  [auc, ap, recallAt1Percent, recallAt01Percent].map(figureText);

/** A table the page and the terminal share. */
export interface NamedTable {
  title: string;
  head: string[];
  rows: string[][];
}

export function clipTables(results: readonly ClipResult[]): NamedTable[] {
  const rows = results.flatMap(({ model, classes }) =>
    classes.flatMap((one) =>
      one.conditions.map((row) => [
        ...[model, one.class, row.condition, `${row.positives} / ${row.negatives}`],
        ...[...ranked(row), figureText(row.recallAtOneThreshold)],
      ]),
    ),
  );
  const bands = results.flatMap(({ model, classes }) =>
    classes.flatMap((one) =>
      one.bands.map(({ band, condition, positives, recallAt1Percent }) => [
        ...[model, one.class, band, condition, String(positives), figureText(recallAt1Percent)],
      ]),
    ),
  );
  const confusers = results.flatMap(({ model, classes }) =>
    classes.flatMap((one) =>
      one.confusers.map(({ confuser, clips, shareAt1Percent, aboveOn, aboveAlone, highest }) => [
        ...[model, one.class, confuser, String(clips), figureText(shareAt1Percent)],
        ...[String(aboveOn), String(aboveAlone), highest.toFixed(3)],
      ]),
    ),
  );
  const takenFor = results.flatMap(({ model, classes }) =>
    classes
      .filter((one) => Object.keys(one.takenFor).length > 0)
      .map((one) => [
        model,
        one.class,
        Object.entries(one.takenFor)
          .map(([name, count]) => `${name} ${count}`)
          .join(', '),
      ]),
  );
  return [
    {
      title:
        'Clips: positives against negatives under the same condition; “one threshold”: 1 % of all negatives',
      head: ['model', 'class', 'condition', 'pos / neg', ...RANKED, 'recall, one threshold'],
      rows,
    },
    {
      title: 'Clips by distance: recall where 1 % of the negatives under that condition pass',
      head: ['model', 'class', 'distance', 'condition', 'clips', 'recall at 1 %'],
      rows: bands,
    },
    {
      title: 'Clips by confuser, as they are',
      head: ['model', 'for', 'confuser', 'clips', 'share at 1 %', 'above on', 'above alone', 'highest'],
      rows: confusers,
    },
    {
      title: 'Clips as they are: the alert class that scores highest',
      head: ['model', 'class', 'taken for'],
      rows: takenFor,
    },
  ];
}

export function liveFireTables(results: readonly LiveFireResult[]): NamedTable[] {
  return [
    {
      title: 'Live fire: windows at known arrivals against shot-free windows of the same recordings',
      head: ['model', 'distance', 'shots / free', ...RANKED],
      rows: results.flatMap(({ model, figures }) => [
        [model, 'all', `${figures.positives} / ${figures.negatives}`, ...ranked(figures)],
        ...figures.bands.map(({ band, positives, recallAt1Percent }) => [
          ...[model, band, String(positives), '', '', figureText(recallAt1Percent), ''],
        ]),
      ]),
    },
  ];
}

export function streamTables(results: readonly StreamResult[]): NamedTable[] {
  const share = (value: number): string => (Number.isFinite(value) ? value.toFixed(3) : '–');
  const alarms = ({ count, poleHours, perPoleDay, upperBoundPerPoleDay }: FalseAlarms): string[] => [
    ...[poleHours.toFixed(2), String(count), perPoleDay.toFixed(2), `≤ ${upperBoundPerPoleDay.toFixed(2)}`],
  ];
  return [
    {
      title: 'Soundscapes (generated): event-based, through the whole pipeline at the shipped thresholds',
      head: ['model', 'class', 'onset collar', 'truths', 'alerts', 'precision', 'recall', 'F1'],
      rows: results.flatMap(({ model, generated }) =>
        (generated?.events ?? []).map((one) => [
          ...[model, one.class, `${one.collarSeconds} s`, String(one.truths), String(one.found)],
          ...[share(one.precision), share(one.recall), share(one.f1)],
        ]),
      ),
    },
    {
      title: 'Soundscapes (generated): PSDS, over every confidence',
      head: ['model', 'scenario 1 (0.7 / 0.7)', 'loose (0.1 / 0.1)'],
      rows: results.flatMap(({ model, generated }) =>
        generated ? [[model, share(generated.psdsScenario1), share(generated.psdsLoose)]] : [],
      ),
    },
    {
      title: 'False alarms at the shipped thresholds; the bound is 95 %, Poisson',
      head: ['model', 'sound', 'pole-hours', 'alerts', 'a pole-day', 'bound'],
      rows: results.flatMap(({ model, generated, negatives }) => [
        ...(generated ? [[model, 'generated', ...alarms(generated.falseAlarms)]] : []),
        ...(negatives ? [[model, `real, ${negatives.files} files`, ...alarms(negatives)]] : []),
      ]),
    },
    {
      title: 'False alarms on real sound: where',
      head: ['model', 'file', 'at', 'class', 'confidence'],
      rows: results.flatMap(({ model, negatives }) =>
        (negatives?.alerts ?? []).map(({ file, onset, class: name, score }) => [
          ...[model, file, `${onset.toFixed(1)} s`, name, share(score)],
        ]),
      ),
    },
  ];
}

export function sceneTables(results: readonly SceneResult[]): NamedTable[] {
  const names = [...new Set(results.flatMap(({ totals }) => Object.keys(totals)))];
  return [
    {
      title: 'Scenes: the whole pipeline against their truth',
      head: ['figure', ...results.map(({ model }) => model)],
      rows:
        results.length === 0
          ? []
          : names.map((name) => [name, ...results.map(({ totals }) => String(totals[name] ?? '–'))]),
    },
  ];
}
