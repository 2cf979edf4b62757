import { Command, InvalidArgumentError } from 'commander';
import { benchLatency } from './bench/latency.js';
import { benchLocate } from './bench/locate.js';
import { benchModel } from './bench/model.js';
import { benchParts } from './bench/parts.js';
import { benchSweep } from './bench/sweep.js';
import { benchSoak } from './bench/soak.js';

const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** `clameur bench`: what the service does under a known load, against the bars it must meet. */
export function benchCommand(): Command {
  return new Command('bench')
    .description(
      'Measures the real service over a real NATS: load, latency, soak. Exits 1 where a bar is missed.',
    )
    .option(
      '--feeds <n[,n…]>',
      'live feeds, or several numbers to run one after another (default 100; with --soak 20)',
      positives,
    )
    .option(
      '--no-compare',
      'without the straightforward way (one ffmpeg a feed, a YAMNet-sized network) in the same run',
    )
    .option('--profile', 'also where the service spends its time (its own cost grows a little)')
    .option('--parts', 'what each part of the service costs alone, and how that grows')
    .option('--seconds <n>', 'of load', positive, 30)
    .option('--latency', 'from sound to event, over simulated incidents in a city of 48 poles')
    .option('--incidents <n>', 'with --latency: how many', positive, 1000)
    .option('--soak', 'rain, traffic and speech on many feeds: no incident, no growth of memory')
    .option('--minutes <n>', 'with --soak: of sound', positive, 60)
    .option('--sounds <folder>', 'with --soak: recordings to play in place of synthesised sound')
    .option('--live', 'with --soak: over NATS to the service, at real speed')
    .option(
      '--model',
      'what the model costs a second of sound, beside a YAMNet-sized network and a plain matrix product',
    )
    .option('--locate', 'error against the Cramér–Rao bound, and with --scenes on real arrivals')
    .option('--scenes <folder>', 'with --locate: scenes that have an arrivals.json')
    .option('--plot <file>', 'with --locate --scenes: an SVG of the errors')
    .option('--seed <text>', 'another seed, another run', 'clameur')
    .option('--json', 'one JSON value a line on standard output; the last line holds the totals')
    .addHelpText('after', '\nExample: clameur bench --feeds 100,500 --seconds 60')
    .action(bench);
}

interface Flags {
  latency?: boolean;
  incidents: number;
  soak?: boolean;
  minutes: number;
  seconds: number;
  feeds?: number[];
  compare: boolean;
  profile?: boolean;
  parts?: boolean;
  sounds?: string;
  live?: boolean;
  locate?: boolean;
  model?: boolean;
  scenes?: string;
  plot?: string;
  seed: string;
  json?: boolean;
}

async function bench(flags: Flags): Promise<void> {
  const common = { seed: flags.seed, json: flags.json ?? false, say };
  const met = await run(flags, common);
  if (!met) process.exitCode = 1;
}

function run(flags: Flags, common: { seed: string; json: boolean; say: typeof say }): Promise<boolean> {
  const { minutes, seconds, incidents, feeds = [], sounds, live = false } = flags;
  if (flags.locate) {
    const { scenes, plot } = flags;
    return benchLocate({
      ...common,
      ...(scenes !== undefined && { scenes }),
      ...(plot !== undefined && { plot }),
    });
  }
  if (flags.model) return benchModel(common);
  if (flags.latency) return benchLatency({ ...common, incidents });
  if (flags.soak)
    return benchSoak({
      ...common,
      minutes,
      live,
      feeds: feeds[0] ?? 20,
      ...(sounds !== undefined && { sounds }),
    });
  if (flags.parts) return benchParts({ ...common, seconds: Math.min(seconds, 15), feeds: feeds[0] ?? 200 });
  const { compare, profile = false } = flags;
  return benchSweep({ ...common, seconds, feeds: feeds.length > 0 ? feeds : [100], compare, profile });
}

function positives(text: string): number[] {
  return text.split(',').map(positive);
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('a number above 0, please');
  return value;
}
