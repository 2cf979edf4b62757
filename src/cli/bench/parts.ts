import Table from 'cli-table3';
import ort from 'onnxruntime-node';
import { loadModel, type Model } from '../../listen/index.js';
import { Random } from '../../simulate/index.js';
import { printJson } from '../output.js';
import { utcNow } from '../stage-clock.js';
import { costsOf } from './cpu-time.js';
import { FULL_BATCH } from './model-report.js';
import { measureFrameParts, type FramePart } from './parts-measure.js';
import { FrameRig } from './parts-rig.js';
import { measureReceive } from './receive.js';
import { round } from './statistics.js';

export interface PartsOptions {
  feeds: number;
  seconds: number;
  seed: string;
  json: boolean;
  say: (line: string) => void;
}

/** What each part is, as the table shows it. `decode` is a part of `feed`, and all but `way` are parts of `way`. */
const NAMES: Readonly<Record<FramePart, string>> = {
  decode: '… of which decoding and mixing',
  feed: 'feed: flood gate, decoding, continuity (no resampling at 16 kHz)',
  onsets: 'onset picker',
  ring: 'ring write',
  patch: 'patch copy and level',
  tracker: 'trackers',
  metrics: 'metrics',
  'stage clock': 'stage clock',
  way: 'all of them as the service runs them',
};
const GROWTH_FEEDS = [1, 10, 100, 1000] as const;
const GROWTH_FEED_SECONDS = 1500;
const MODEL_ROUNDS = 9;
/** Patches a second of an onset each, on a pole where much goes on: rain on a roof, a jackhammer. */
const ONSETS_A_SECOND = [0, 1, 4] as const;

/** `clameur bench --parts`: milliseconds of a core a feed-second, part by part, and how they grow. */
export async function benchParts({ feeds, seconds, seed, json, say }: PartsOptions): Promise<boolean> {
  const model = await loadModel(process.env['CLAMEUR_MODEL_PATH']);
  say(`the parts of the frame path, ${feeds} feeds …`);
  const parts = partsOf(feeds, seconds * feeds, model, seed);
  say('how the frame path grows …');
  const growth = Object.fromEntries(
    GROWTH_FEEDS.map((count) => [
      count,
      round(partsOf(count, GROWTH_FEED_SECONDS, model, seed, ['way']).get('way')!, 4),
    ]),
  );
  say('NATS alone …');
  const receive = await measureReceive(feeds, seconds, seed, say);
  const patch = await patchMillis(model);
  const byOnsets = Object.fromEntries(
    ONSETS_A_SECOND.map((onsets) => [onsets, round(patch * (1 / model.hopSeconds + onsets), 4)]),
  );
  const total = receive + parts.get('way')! + patch / model.hopSeconds;
  const totals = {
    feeds,
    millisPerFeedSecond: {
      receive: round(receive, 4),
      ...Object.fromEntries([...parts].map(([part, value]) => [part, round(value, 4)])),
      model: round(patch / model.hopSeconds, 4),
      total: round(total, 4),
    },
    feedsPerCore: Math.round(1000 / total),
    frameMillisByFeeds: growth,
    modelMillisByOnsetsPerSecond: byOnsets,
  };
  if (json) printJson(totals);
  else say(describe(totals, parts));
  return true;
}

function partsOf(
  feeds: number,
  feedSeconds: number,
  model: Model,
  seed: string,
  only?: readonly FramePart[],
): Map<FramePart, number> {
  const rig = new FrameRig(feeds, new Random(seed), utcNow());
  return measureFrameParts(rig, model, Math.ceil((feedSeconds / feeds) * 10), only);
}

async function patchMillis(model: Model): Promise<number> {
  const session = await ort.InferenceSession.create(model.bytes, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  });
  const random = new Random('parts');
  const samples = Float32Array.from({ length: FULL_BATCH * model.patchSamples }, () => 0.05 * random.white());
  const input = new ort.Tensor('float32', samples, [FULL_BATCH, model.patchSamples]);
  const [name] = session.inputNames;
  const job = {
    name: 'model',
    units: FULL_BATCH,
    run: async () => void (await session.run({ [name]: input })),
  };
  const costs = await costsOf([job], MODEL_ROUNDS);
  await session.release();
  return costs.get('model')!.millis;
}

interface PartsTotals {
  millisPerFeedSecond: Record<string, number>;
  feedsPerCore: number;
  frameMillisByFeeds: Record<string, number>;
  modelMillisByOnsetsPerSecond: Record<string, number>;
}

function describe(totals: PartsTotals, parts: ReadonlyMap<FramePart, number>): string {
  const { millisPerFeedSecond, frameMillisByFeeds, modelMillisByOnsetsPerSecond } = totals;
  const micros = (millis: number): string => `${(millis * 1000).toFixed(0)} µs`;
  const table = new Table({ style: { head: [], border: [] }, colAligns: ['left', 'right'] });
  table.push(
    ['NATS client: frames taken in', micros(millisPerFeedSecond['receive'])],
    ...[...parts].map(([part, millis]) => [NAMES[part], micros(millis)]),
    ['model at the shipped hop', micros(millisPerFeedSecond['model'])],
    ['NATS + all of them + model', micros(millisPerFeedSecond['total'])],
    ['that is, feeds a core', String(totals.feedsPerCore)],
    ...Object.entries(frameMillisByFeeds).map(([feeds, millis]) => [
      `frame path with ${feeds} feeds`,
      micros(millis),
    ]),
    ...Object.entries(modelMillisByOnsetsPerSecond).map(([onsets, millis]) => [
      `model with ${onsets} onsets a second`,
      micros(millis),
    ]),
  );
  return `Processor time a second of one feed’s sound, threads of the runtime included.\n${table.toString()}`;
}
