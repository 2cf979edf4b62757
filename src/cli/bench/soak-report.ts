import Table from 'cli-table3';
import { round, trendOf } from './statistics.js';

/** An alert where there should be none, with what sounded. */
export interface FalseAlarm {
  atSeconds: number;
  class: string;
  confidence: number;
  method: string;
  poles: Array<{ pole: string; score: number; snrDb?: number; sounds: string[] }>;
  reasons: string[];
}

export interface MemoryReading {
  /** Of sound played. */
  atSeconds: number;
  rssBytes: number;
  heapBytes: number;
}

export interface SoakTotals {
  feeds: number;
  soundSeconds: number;
  timesRealTime: number;
  incidents: number;
  patches: number;
  onsets: number;
  dropped: number;
  rssStartBytes: number;
  rssEndBytes: number;
  rssGrowthPercent: number;
  heapStartBytes: number;
  heapEndBytes: number;
  heapGrowthPercent: number;
  failures: string[];
}

/** The first tenth fills caches and compiles code. */
const WARM_UP_SHARE = 0.1;
const MOST_GROWTH_PERCENT = 10;

/** Start and end of a straight line through the readings after the warm-up: one reading's luck decides nothing. Pure. */
export function soakTotals(
  run: Pick<
    SoakTotals,
    'feeds' | 'soundSeconds' | 'timesRealTime' | 'incidents' | 'patches' | 'onsets' | 'dropped'
  >,
  readings: readonly MemoryReading[],
): SoakTotals {
  const warm = readings.filter(({ atSeconds }) => atSeconds >= WARM_UP_SHARE * run.soundSeconds);
  const judged = warm.length >= 2 ? warm : readings;
  const rss = trendOf(judged.map(({ atSeconds, rssBytes }) => [atSeconds, rssBytes]));
  const heap = trendOf(judged.map(({ atSeconds, heapBytes }) => [atSeconds, heapBytes]));
  const growth = ({ first, last }: typeof rss): number => round((100 * (last - first)) / first, 2);
  const failures: string[] = [];
  if (run.incidents > 0) failures.push(`${run.incidents} incidents where nothing happened`);
  if (growth(rss) > MOST_GROWTH_PERCENT)
    failures.push(`memory grew by ${growth(rss)} %, bar ${MOST_GROWTH_PERCENT} %`);
  return {
    ...run,
    rssStartBytes: Math.round(rss.first),
    rssEndBytes: Math.round(rss.last),
    rssGrowthPercent: growth(rss),
    heapStartBytes: Math.round(heap.first),
    heapEndBytes: Math.round(heap.last),
    heapGrowthPercent: growth(heap),
    failures,
  };
}

export function renderSoak(totals: SoakTotals): string {
  const table = new Table({ style: { head: [], border: [] }, colAligns: ['left', 'right'] });
  const mega = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
  table.push(
    ['feeds', totals.feeds],
    ['sound of each', `${(totals.soundSeconds / 60).toFixed(1)} min`],
    ['feeds times real time', totals.timesRealTime],
    ['incidents (bar 0)', totals.incidents],
    ['patches', totals.patches],
    ['onsets', totals.onsets],
    ['dropped', totals.dropped],
    ['memory, start to end', `${mega(totals.rssStartBytes)} to ${mega(totals.rssEndBytes)}`],
    ['growth (bar 10 %)', `${totals.rssGrowthPercent} %`],
    ['heap, start to end', `${mega(totals.heapStartBytes)} to ${mega(totals.heapEndBytes)}`],
  );
  const { failures } = totals;
  return [
    table.toString(),
    ...(failures.length === 0 ? ['every bar is met'] : failures.map((one) => `MISSED ${one}`)),
  ].join('\n');
}
