import Table from 'cli-table3';
import type { Nanos } from '../../audio/index.js';
import type { ServiceFigures } from './bench-service.js';
import type { ClassThresholds } from '../../locate/index.js';
import { measure } from './latency-measure.js';
import type { Matched } from './match.js';
import type { Pace } from './real-pace.js';
import { round, spreadOf } from './statistics.js';

export interface LoadTotals {
  feeds: number;
  soundSeconds: number;
  injected: number;
  found: number;
  spurious: number;
  /** Frames that never arrived or were refused, and patches that were never scored, or given up for want of time. */
  dropped: number;
  framesLost: number;
  patchesDropped: number;
  shed: number;
  patches: number;
  latencyP50Seconds?: number;
  latencyP99Seconds?: number;
  /** Processor seconds of the service a second of sound: not wall time, which on a shared machine says little. */
  cores: number;
  feedsPerCore: number;
  rssBytes: number;
  bytesPerFeed: number;
  senderLateSeconds: number;
  /** Where the service spent its time, by part. */
  profile?: Record<string, number>;
  failures: string[];
}

const MOST_LATENCY_SECONDS = 1;

/** Sums up a run. Pure. */
export function loadTotals(run: {
  feeds: number;
  soundSeconds: number;
  /** The cost is of the sound between `warmed` and `after`. */
  costSeconds: number;
  pace: Pace;
  before: ServiceFigures;
  warmed: ServiceFigures;
  after: ServiceFigures;
  matched: Matched;
  thresholds: Readonly<Record<string, ClassThresholds>>;
  startNanos: Nanos;
}): LoadTotals {
  const { feeds, soundSeconds, costSeconds, pace, before, warmed, after, matched, thresholds, startNanos } =
    run;
  const found = matched.outcomes.filter(({ incidents }) => incidents.length > 0);
  const latency = spreadOf(
    found.flatMap((outcome) => measure(outcome, thresholds, startNanos)[0]?.seconds ?? []),
  );
  const framesLost =
    pace.frames - (after.frames - before.frames) + (after.framesDropped - before.framesDropped);
  const patchesDropped = after.patchesDropped - before.patchesDropped;
  const shed = after.shed - before.shed;
  const dropped = framesLost + patchesDropped + shed;
  const injected = matched.outcomes.length;
  const failures: string[] = [];
  if (dropped > 0)
    failures.push(
      `${framesLost} frames and ${patchesDropped} patches were dropped, ${shed} given up for want of time`,
    );
  if (found.length < injected)
    failures.push(`${injected - found.length} of ${injected} shots were not found`);
  if (latency && latency.p99 > MOST_LATENCY_SECONDS)
    failures.push(`99th percentile of latency ${latency.p99} s, bar ${MOST_LATENCY_SECONDS} s`);
  const cores = (after.cpuSeconds - warmed.cpuSeconds) / costSeconds;
  return {
    feeds,
    soundSeconds,
    injected,
    found: found.length,
    spurious: matched.spurious.length,
    dropped,
    framesLost,
    patchesDropped,
    shed,
    patches: after.patches - before.patches,
    ...(latency && { latencyP50Seconds: latency.p50, latencyP99Seconds: latency.p99 }),
    cores: round(cores, 3),
    feedsPerCore: Math.round(feeds / cores),
    rssBytes: after.rssBytes,
    bytesPerFeed: Math.round((after.rssBytes - before.rssBytes) / feeds),
    senderLateSeconds: round(pace.latestSeconds, 4),
    failures,
  };
}

export function describeLoad(totals: LoadTotals): string {
  const table = new Table({ style: { head: [], border: [] }, colAligns: ['left', 'right'] });
  const seconds = (value: number | undefined): string => (value === undefined ? '' : `${value.toFixed(3)} s`);
  table.push(
    ['feeds', totals.feeds],
    ['shots found', `${totals.found} of ${totals.injected}`],
    ['incidents of nothing', totals.spurious],
    ['dropped (frames, patches), given up', `${totals.framesLost}, ${totals.patchesDropped}, ${totals.shed}`],
    ['patches scored', totals.patches],
    ['latency P50, P99', `${seconds(totals.latencyP50Seconds)}, ${seconds(totals.latencyP99Seconds)}`],
    ['processor', `${totals.cores} cores, ${totals.feedsPerCore} feeds a core`],
    ['memory', `${Math.round(totals.rssBytes / 1e6)} MB, ${Math.round(totals.bytesPerFeed / 1e3)} kB a feed`],
    ['senders late at most', seconds(totals.senderLateSeconds)],
    ...Object.entries(totals.profile ?? {}).map(([part, share]) => [
      `time in: ${part}`,
      `${(share * 100).toFixed(1)} %`,
    ]),
  );
  const { failures } = totals;
  return [
    table.toString(),
    ...(failures.length === 0 ? ['every bar is met'] : failures.map((one) => `MISSED ${one}`)),
  ].join('\n');
}
