import { writeFile } from 'node:fs/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { invalid } from './eval/clip-list.js';
import { evaluateClips, type ClipResult } from './eval/clips.js';
import { liveFireFigures, liveFireWindows, type LiveFireResult } from './eval/live-fire.js';
import { openModels, type NamedClassifier } from './eval/open-models.js';
import { clipCharts, liveFireCharts, streamCharts } from './eval/report-charts.js';
import { reportPage } from './eval/report.js';
import { evaluateScenes, scenesIn, type SceneResult } from './eval/scenes.js';
import { evaluateStreams, type StreamResult } from './eval/streams.js';
import {
  clipTables,
  liveFireTables,
  sceneTables,
  streamTables,
  tableText,
  type NamedTable,
} from './eval/tables.js';
import { printJson } from './output.js';

interface EvalFlags {
  clips?: string[];
  snr?: Snrs;
  distances: Distances;
  backgrounds?: string;
  liveFire?: boolean;
  soundscapes?: number;
  negatives?: string[];
  model?: string[];
  outputs?: string;
  rate?: number;
  patchSamples?: number;
  bootstrap: number;
  seed: string;
  html?: string;
  report?: string;
  json?: boolean;
}

type Distances = readonly number[] | { from: number; to: number };
interface Snrs {
  clean: boolean;
  snrsDb: number[];
}

const EXAMPLES = `
Examples:
  clameur eval fixtures/positive fixtures/negative
  clameur eval --clips clips --snr clean,20,10,5,0 --html eval.html
  clameur eval --live-fire scenes
  clameur eval --soundscapes 30 --negatives recordings --json
  clameur eval --clips clips --model ours.json --model theirs.onnx --outputs gunshot=421+422,explosion=420

Clips: a folder gunshot/, explosion/, crowd_clamour/, negative/<label>/; or a TSV with the columns path, class, and if
wanted confuser, group, distance, snr. Another's model: an .onnx with raw sound as its only input, and beside it a JSON
{ "outputs": { "gunshot": [421, 422] }, "sampleRateHz"?, "patchSamples"?, "hopSeconds"?, "output"?, "activation"? }.`;

/** `clameur eval`: how well it hears, from single clips to hours of sound, for any model. */
export function evalCommand(): Command {
  return new Command('eval')
    .description(
      'Measures what is found, missed and wrong: on scenes with a truth, clips, live fire, long streams.',
    )
    .argument('[folder...]', 'scene folders, or folders of scene folders')
    .option('--clips <path...>', 'clip level: folders of <class>/…, or manifests (.tsv)')
    .option(
      '--snr <list>',
      'make clips distant and noisy: clean,20,10,5,0 (dB, loudest 50 ms over the noise)',
      snrs,
    )
    .option('--distances <metres>', 'with --snr: a range to draw from, or a list', distances, {
      from: 100,
      to: 600,
    })
    .option(
      '--backgrounds <folder>',
      'with --snr: recordings to mix into; default: a town of the simulate room',
    )
    .option(
      '--live-fire',
      'of the scenes (with arrivals.json): windows at known arrivals against shot-free ones',
    )
    .option(
      '--soundscapes <minutes>',
      'stream level: generated sound at four poles, with --clips among it',
      positive,
    )
    .option('--negatives <folder...>', 'stream level: recordings in which nothing happens')
    .option(
      '--model <file...>',
      'models to measure side by side (.json or .onnx); default: the one that ships',
    )
    .option('--outputs <map>', 'of a model without a JSON beside it: gunshot=421+422,explosion=420')
    .option('--rate <hz>', 'of such a model', positive)
    .option('--patch-samples <n>', 'of such a model, where its graph leaves it open', positive)
    .option('--bootstrap <n>', 'draws for the 95 % intervals; 0: none', whole, 200)
    .option('--seed <text>', 'another seed, other draws, distances and soundscapes', 'clameur')
    .option('--html <file>', 'also an HTML page with tables and plots, nothing to fetch')
    .addOption(new Option('--report <file>', 'the same').hideHelp())
    .option('--json', 'one JSON value a line; the last holds the totals')
    .addHelpText('after', EXAMPLES)
    .action(evaluate);
}

interface Results {
  scenes: SceneResult[];
  clips: ClipResult[];
  liveFire: LiveFireResult[];
  streams: StreamResult[];
}

async function evaluate(folders: string[], flags: EvalFlags): Promise<void> {
  const { clips = [], negatives = [], soundscapes = 0 } = flags;
  if (folders.length + clips.length + negatives.length + soundscapes === 0)
    throw invalid('nothing', 'no scenes, clips or streams are named', 'Name some');
  if (flags.liveFire && folders.length === 0)
    throw invalid('--live-fire', 'no scene folders are named', 'Name scenes that have an arrivals.json');
  const paths = folders.flatMap(scenesIn);
  const models = await openModels(flags.model ?? [], {
    ...(flags.outputs !== undefined && { outputs: flags.outputs }),
    ...(flags.rate !== undefined && { rateHz: flags.rate }),
    ...(flags.patchSamples !== undefined && { patchSamples: flags.patchSamples }),
  });
  let results: Results;
  try {
    results = await measure(paths, models, flags);
  } finally {
    await Promise.all(models.map(({ classifier }) => classifier.close()));
  }
  const tables: NamedTable[] = [
    ...sceneTables(results.scenes),
    ...clipTables(results.clips),
    ...liveFireTables(results.liveFire),
    ...streamTables(results.streams),
  ];
  const page = flags.html ?? flags.report;
  if (page !== undefined) await writeFile(page, pageOf(results, models, tables));
  if (flags.json) printResults(results);
  else for (const { title, head, rows } of tables) process.stdout.write(tableText(title, head, rows));
}

async function measure(
  paths: string[],
  models: readonly NamedClassifier[],
  flags: EvalFlags,
): Promise<Results> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const { clips = [], negatives = [], soundscapes = 0, bootstrap: draws, seed, json } = flags;
  const scenes = flags.liveFire
    ? []
    : await evaluateScenes(paths, models, (model, score, done) => {
        if (json) printJson({ model, ...score });
        else say(`${done}/${paths.length} ${score.scene}: ${score.ok ? 'ok' : score.problems.join('; ')}`);
      });
  const clipResults =
    clips.length === 0
      ? []
      : await evaluateClips(models, {
          ...{ paths: clips, draws, seed, say, distances: flags.distances },
          ...(flags.snr ?? { clean: true, snrsDb: [] }),
          ...(flags.backgrounds !== undefined && { backgrounds: flags.backgrounds }),
        });
  const classifiers = models.map(({ classifier }) => classifier);
  const windows = flags.liveFire
    ? await liveFireWindows(
        paths,
        classifiers,
        (done, total) => done % 10 === 0 && say(`${done} of ${total} scenes`),
      )
    : [];
  const liveFire = flags.liveFire
    ? models.map(({ label }, at) => ({ model: label, ...liveFireFigures(windows, at, draws, seed) }))
    : [];
  const streams =
    soundscapes > 0 || negatives.length > 0
      ? await evaluateStreams(models, { minutes: soundscapes, clips, negatives, seed, say })
      : [];
  return { scenes: paths.length > 0 ? scenes : [], clips: clipResults, liveFire, streams };
}

function printResults({ scenes, clips, liveFire, streams }: Results): void {
  for (const { model, classes } of clips)
    for (const one of classes) printJson({ level: 'clips', model, ...one });
  for (const { model, figures } of liveFire) printJson({ level: 'live fire', model, ...figures });
  for (const stream of streams) printJson({ level: 'streams', ...stream });
  const [only, ...others] = scenes;
  const totals = scenes.map(({ model, totals: own }) => ({ model, ...own }));
  if (only) printJson(others.length === 0 ? { totals: only.totals } : { totals });
}

function pageOf(
  { clips, liveFire, streams }: Results,
  models: readonly NamedClassifier[],
  tables: readonly NamedTable[],
): string {
  return reportPage({
    command: `clameur ${process.argv.slice(2).join(' ')}`,
    models: models.map(({ label, classifier }) => ({ label, sha256: classifier.model.sha256 })),
    tables,
    charts: [...clipCharts(clips), ...liveFireCharts(liveFire), ...streamCharts(streams)],
  });
}

/** `clean,20,10`. */
function snrs(text: string): Snrs {
  const words = text.split(',').map((word) => word.trim());
  const snrsDb = words.filter((word) => word !== 'clean').map((word) => (word === '' ? NaN : Number(word)));
  if (snrsDb.some((value) => !(value >= -30 && value <= 60)))
    throw new InvalidArgumentError('a list of clean and decibels from -30 to 60, such as clean,20,10,5,0');
  return { clean: words.includes('clean'), snrsDb };
}

/** `100-600`, or `100,300,600`. */
function distances(text: string): Distances {
  const range = /^(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)$/.exec(text);
  const list = (range ? range.slice(1) : text.split(',')).map(Number);
  if (list.some((value) => !(value >= 1 && value <= 3000)))
    throw new InvalidArgumentError(
      'metres from 1 to 3000: a range such as 100-600, or a list such as 100,300',
    );
  return range ? { from: list[0], to: list[1] } : list;
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('a number above 0, please');
  return value;
}

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0)
    throw new InvalidArgumentError('a whole number from 0 on, please');
  return value;
}
