import Table from 'cli-table3';
import type { Model } from '../../listen/index.js';
import type { JobCost } from './cpu-time.js';
import type { NodeTime } from './node-times.js';
import { round } from './statistics.js';
import { YAMNET_HOP_SECONDS } from './yamnet-sized.js';

/** Rows of the batches that are tried. */
export const MODEL_BATCHES = [1, 4, 16, 32] as const;
/** The batch that a loaded service runs, and the profile is taken at. */
export const FULL_BATCH = 16;
/** Milliseconds of one core a second of sound, at the shipped hop, front end included. */
export const MODEL_BAR_MILLIS = 0.8;

export interface ModelTotals {
  model: string;
  processor: string;
  hopSeconds: number;
  /** Of a full batch: what the bar is on. */
  millisPerSecondOfSound: number;
  bestMillisPerSecondOfSound: number;
  barMillis: number;
  /** Milliseconds of a patch by the rows of its batch. */
  patchMillis: Record<string, number>;
  frontEndShare: number;
  frontEndMillisPerSecondOfSound: number;
  trunkMillisPerSecondOfSound: number;
  multiplyAddsPerPatch: number;
  gigaflops: number;
  peakGigaflops: number;
  /** Above 1 where the model multiplies in 8 bits: the peak is of 32-bit floats. */
  shareOfPeak: number;
  yamnetSized: {
    hopSeconds: number;
    millisPerSecondOfSound: number;
    singlePatchMillis: number;
    multiplyAddsPerPatch: number;
    /** How many times the model's cost a second of sound; its front end is not counted against it. */
    timesTheModel: number;
  };
  failures: string[];
}

/** Sums up. Pure. */
export function modelTotals(run: {
  model: Pick<Model, 'name' | 'version' | 'hopSeconds'>;
  costs: ReadonlyMap<string, JobCost>;
  nodes: readonly NodeTime[];
  comparison: { multiplyAdds: number };
  peakMultiplyAdds: number;
  processor: string;
}): ModelTotals {
  const { model, costs, nodes, comparison } = run;
  const { hopSeconds } = model;
  const of = (name: string): JobCost => costs.get(name)!;
  const full = of(`model ${FULL_BATCH}`);
  const millis = full.millis / hopSeconds;
  const micros = sum(nodes.map((node) => node.micros));
  const frontEndShare = sum(frontEnd(nodes).map((node) => node.micros)) / micros;
  const multiplyAdds = sum(nodes.map((node) => node.multiplyAdds)) / FULL_BATCH;
  const gigaflops = (2 * multiplyAdds) / full.millis / 1e6;
  const peak = (2 * run.peakMultiplyAdds) / of('peak').millis / 1e6;
  const other = of(`yamnet ${FULL_BATCH}`).millis / YAMNET_HOP_SECONDS;
  return {
    model: `${model.name} ${model.version}`,
    processor: run.processor,
    hopSeconds,
    millisPerSecondOfSound: round(millis, 4),
    bestMillisPerSecondOfSound: round(full.bestMillis / hopSeconds, 4),
    barMillis: MODEL_BAR_MILLIS,
    patchMillis: Object.fromEntries(
      MODEL_BATCHES.map((rows) => [String(rows), round(of(`model ${rows}`).millis, 4)]),
    ),
    frontEndShare: round(frontEndShare, 3),
    frontEndMillisPerSecondOfSound: round(millis * frontEndShare, 4),
    trunkMillisPerSecondOfSound: round(millis * (1 - frontEndShare), 4),
    multiplyAddsPerPatch: Math.round(multiplyAdds),
    gigaflops: round(gigaflops, 1),
    peakGigaflops: round(peak, 1),
    shareOfPeak: round(gigaflops / peak, 3),
    yamnetSized: {
      hopSeconds: YAMNET_HOP_SECONDS,
      millisPerSecondOfSound: round(other, 4),
      singlePatchMillis: round(of('yamnet 1').millis, 4),
      multiplyAddsPerPatch: comparison.multiplyAdds,
      timesTheModel: round(other / millis, 2),
    },
    failures:
      millis > MODEL_BAR_MILLIS
        ? [`a second of sound costs ${millis.toFixed(2)} ms, bar ${MODEL_BAR_MILLIS} ms`]
        : [],
  };
}

/** What makes the waveform a spectrogram: named so by our training; of other models, all before the first convolution. */
export function frontEnd(nodes: readonly NodeTime[]): readonly NodeTime[] {
  const named = nodes.filter(({ name }) => name.startsWith('/front/'));
  if (named.length > 0) return named;
  const first = nodes.findIndex(({ op }) => op.includes('Conv'));
  return nodes.slice(0, Math.max(0, first));
}

export function describeModel(totals: ModelTotals): string {
  const table = new Table({ style: { head: [], border: [] }, colAligns: ['left', 'right'] });
  const { yamnetSized, patchMillis } = totals;
  const ms = (value: number): string => `${value.toFixed(3)} ms`;
  table.push(
    ['model, processor', `${totals.model}, ${totals.processor}`],
    [`a second of sound, hop ${totals.hopSeconds} s`, ms(totals.millisPerSecondOfSound)],
    ['… in the best round', ms(totals.bestMillisPerSecondOfSound)],
    ['… front end alone', ms(totals.frontEndMillisPerSecondOfSound)],
    ['… the network alone', ms(totals.trunkMillisPerSecondOfSound)],
    ...Object.entries(patchMillis).map(([rows, value]) => [`one patch in a batch of ${rows}`, ms(value)]),
    ['multiply-adds a patch', `${(totals.multiplyAddsPerPatch / 1e6).toFixed(2)} million`],
    [
      'speed, and of a float32 matrix product',
      `${totals.gigaflops} of ${totals.peakGigaflops} GFLOP/s: ${(totals.shareOfPeak * 100).toFixed(0)} %`,
    ],
    [`YAMNet-sized, hop ${yamnetSized.hopSeconds} s`, ms(yamnetSized.millisPerSecondOfSound)],
    ['… its cost in times of the model’s', yamnetSized.timesTheModel.toFixed(1)],
  );
  const { failures } = totals;
  return [
    'Processor time of one thread; the jobs took turns.',
    table.toString(),
    ...(failures.length === 0
      ? [`the bar of ${totals.barMillis} ms is met`]
      : failures.map((one) => `MISSED ${one}`)),
  ].join('\n');
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
