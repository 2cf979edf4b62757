import Table from 'cli-table3';
import type { ClassThresholds } from '../../locate/index.js';
import type { Nanos } from '../../audio/index.js';
import { LATENCY_BARS, measure, type LatencyKind, type MeasuredLatency } from './latency-measure.js';
import type { Matched, Outcome } from './match.js';
import { spreadOf, type Spread } from './statistics.js';

const KINDS = Object.keys(LATENCY_BARS) as LatencyKind[];
const STAGES = ['transport', 'listen', 'locate', 'publish', 'total'] as const;
/** With fewer found than this, the latencies are those of the easy ones. */
const LEAST_FOUND_SHARE = 0.9;

export interface LatencyTotals {
  injected: number;
  found: number;
  missed: number;
  /** Second incidents of one thing. */
  doubled: number;
  spurious: number;
  /** Found, but told as another class. */
  otherClass: number;
  located: number;
  latencySeconds: Partial<Record<LatencyKind, Spread>>;
  stageSeconds: Partial<Record<(typeof STAGES)[number], Spread>>;
  /** What misses its bar; empty: all is met. */
  failures: string[];
}

/** One line of `--json` for each injection. */
export function describeOutcome(outcome: Outcome, latencies: readonly MeasuredLatency[]): object {
  const { injection, incidents } = outcome;
  const first = incidents[0]?.[0].event.data;
  return {
    index: injection.index,
    class: injection.class,
    found: incidents.length > 0,
    incidents: incidents.length,
    ...(first && {
      toldClass: first.class,
      method: first.method,
      polesHeard: first.polesHeard,
      latencies: latencies.map(({ kind, seconds }) => ({ kind, seconds })),
      ...(first.latencySeconds && { stages: first.latencySeconds }),
    }),
  };
}

/** Sums up a run. Pure. */
export function totalsOf(
  { outcomes, spurious }: Matched,
  thresholds: Readonly<Record<string, ClassThresholds>>,
  startNanos: Nanos,
): LatencyTotals {
  const measured = outcomes.flatMap((outcome) => measure(outcome, thresholds, startNanos));
  const found = outcomes.filter(({ incidents }) => incidents.length > 0);
  const latencySeconds: LatencyTotals['latencySeconds'] = {};
  for (const kind of KINDS) {
    const spread = spreadOf(measured.filter((one) => one.kind === kind).map(({ seconds }) => seconds));
    if (spread) latencySeconds[kind] = spread;
  }
  const stageSeconds: LatencyTotals['stageSeconds'] = {};
  for (const stage of STAGES) {
    const spread = spreadOf(
      measured.flatMap(({ kind, stages }) => (kind === 'clamour' ? [] : (stages?.[stage] ?? []))),
    );
    if (spread) stageSeconds[stage] = spread;
  }
  const failures = KINDS.flatMap((kind) => {
    const p99 = latencySeconds[kind]?.p99;
    return p99 !== undefined && p99 > LATENCY_BARS[kind]
      ? [`${kind}: 99th percentile ${p99} s, bar ${LATENCY_BARS[kind]} s`]
      : [];
  });
  if (found.length < LEAST_FOUND_SHARE * outcomes.length)
    failures.push(`only ${found.length} of ${outcomes.length} were found`);
  return {
    injected: outcomes.length,
    found: found.length,
    missed: outcomes.length - found.length,
    doubled: outcomes.reduce((sum, { incidents }) => sum + Math.max(0, incidents.length - 1), 0),
    spurious: spurious.length,
    otherClass: found.filter(
      ({ injection, incidents }) => incidents[0][0].event.data.class !== injection.class,
    ).length,
    located: measured.filter(({ kind }) => kind === 'multilateration').length,
    latencySeconds,
    stageSeconds,
    failures,
  };
}

export function renderLatency(totals: LatencyTotals): string {
  const table = new Table({
    head: ['latency, seconds', 'count', 'P50', 'P95', 'P99', 'max', 'bar (P99)'],
    style: { head: [], border: [] },
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right', 'right'],
  });
  const row = (name: string, { count, p50, p95, p99, max }: Spread, bar: string): void =>
    void table.push([name, count, ...[p50, p95, p99, max].map((value) => value.toFixed(3)), bar]);
  for (const [kind, spread] of Object.entries(totals.latencySeconds))
    row(kind, spread, `${LATENCY_BARS[kind as LatencyKind].toFixed(0)} s`);
  for (const [stage, spread] of Object.entries(totals.stageSeconds)) row(`  stage ${stage}`, spread, '');
  const { injected, found, missed, doubled, spurious, otherClass, located, failures } = totals;
  return [
    table.toString(),
    `${injected} injected, ${found} found (${located} multilaterated, ${otherClass} told as another class), ${missed} missed, ${doubled} doubled, ${spurious} spurious`,
    failures.length === 0 ? 'every bar is met' : failures.map((failure) => `MISSED ${failure}`).join('\n'),
  ].join('\n');
}
