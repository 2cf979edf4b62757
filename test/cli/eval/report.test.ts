import { expect, it } from 'vitest';
import { clipFigures } from '../../../src/cli/eval/clip-figures.js';
import type { ScoredClip } from '../../../src/cli/eval/clip-scores.js';
import { clipCharts, streamCharts } from '../../../src/cli/eval/report-charts.js';
import { reportPage } from '../../../src/cli/eval/report.js';
import { streamFigures } from '../../../src/cli/eval/stream-figures.js';
import { clipTables, streamTables } from '../../../src/cli/eval/tables.js';

const LIMITS = { gunshot: { on: 0.5, off: 0.3, alone: 0.9 } };

function clip(i: number, own: string, confuser: string | undefined, score: number, condition = 'clean') {
  return {
    clip: { class: own, ...(confuser && { confuser }), group: `g${i % 7}`, path: `${i}.wav` },
    condition,
    ...(condition !== 'clean' && { distanceMeters: 100 + 50 * (i % 8) }),
    scores: [{ gunshot: score }],
  } as unknown as ScoredClip;
}

const rows = ['clean', '10 dB'].flatMap((condition) => [
  ...Array.from({ length: 30 }, (_, i) => clip(i, 'gunshot', undefined, 0.4 + 0.02 * i, condition)),
  ...Array.from({ length: 40 }, (_, i) => clip(i, 'negative', 'door <slam>', 0.015 * i, condition)),
  ...Array.from({ length: 40 }, (_, i) => clip(i, 'negative', 'thunder', 0.005 * i, condition)),
]);
const clips = [{ model: 'm', ...clipFigures(rows, 0, { thresholds: LIMITS }, 50, 'seed') }];
const generated = streamFigures({
  truths: [{ file: 'a', class: 'gunshot', onset: 10, offset: 10.5 }],
  shipped: [],
  permissive: [{ file: 'a', class: 'gunshot', onset: 10, offset: 10.5, score: 0.4 }],
  seconds: 3600,
  poles: 4,
});
const streams = [{ model: 'm', generated }] as unknown as Parameters<typeof streamCharts>[0];

it('a class gets its curves, its reliability, its recall by noise and distance, and a bar with an interval a confuser', () => {
  const titles = clipCharts(clips).map((svg) => /aria-label="([^"]+)"/.exec(svg)![1]);
  expect(titles).toEqual([
    'gunshot: ROC',
    'gunshot: precision and recall',
    'gunshot: reliability',
    'gunshot: recall by signal-to-noise ratio',
    'gunshot: recall by distance',
    'gunshot: confusers taken for it, m',
  ]);
  const bars = clipCharts(clips).at(-1)!;
  // Worst first; each with its number of clips; names from outside cannot become markup.
  expect(bars.indexOf('door &#60;slam&#62; (40)')).toBeLessThan(bars.indexOf('thunder (40)'));
  expect(bars.match(/stroke-width="1.5"/g)).toHaveLength(2);
});

it('a stream gets its DET curve, PSDS, and what zero false alarms in so many pole-hours prove', () => {
  expect(streamCharts(streams)).toEqual([expect.stringContaining('Soundscapes: DET')]);
  const tables = streamTables(streams);
  expect(tables.find(({ title }) => title.includes('PSDS'))!.rows).toHaveLength(1);
  // 4 pole-hours are a sixth of a day; the 95 % bound of zero is 3.0 events.
  expect(tables.find(({ title }) => title.includes('False alarms at'))!.rows).toEqual([
    ['m', 'generated', '4.00', '0', '0.00', '≤ 17.97'],
  ]);
});

it('the page holds everything and fetches nothing', () => {
  const page = reportPage({
    command: 'clameur eval --html out.html',
    models: [{ label: 'm', sha256: 'ab' }],
    tables: [...clipTables(clips), ...streamTables(streams)],
    charts: [...clipCharts(clips), ...streamCharts(streams)],
  });
  expect(page).toContain("default-src 'none'");
  expect(page).not.toMatch(/<script|src=|href=|url\(/);
  expect(page.match(/<svg/g)).toHaveLength(7);
  expect(page).toContain('150–300 m');
});
