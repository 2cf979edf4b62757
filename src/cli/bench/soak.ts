import { Random } from '../../simulate/index.js';
import { printJson } from '../output.js';
import { cityOf } from './city.js';
import { runLive } from './soak-live.js';
import { runInProcess } from './soak-in-process.js';
import { SoakFeed } from './soak-feed.js';
import { renderSoak, soakTotals, type FalseAlarm } from './soak-report.js';
import type { SoakJob } from './soak-job.js';
import { RecordingSource, SyntheticSource, type SoundSource } from './soak-sounds.js';
import { backgroundLoop } from './sounds.js';

export interface SoakOptions {
  minutes: number;
  feeds: number;
  sounds?: string;
  live: boolean;
  seed: string;
  json: boolean;
  say: (line: string) => void;
}

const COLUMNS = 5;

/** `clameur bench --soak`: true if nothing was alerted and memory stood still. */
export async function benchSoak(options: SoakOptions): Promise<boolean> {
  const { feeds, json, say } = options;
  const random = new Random(options.seed);
  const grid = cityOf('soak', 1, Math.ceil(feeds / COLUMNS), COLUMNS);
  const city = { ...grid, poles: grid.poles.slice(0, feeds) };
  const sources = await sourcesOf(options, random);
  const floor = backgroundLoop(random.fork('floor'));
  const alarms: FalseAlarm[] = [];
  const job: SoakJob = {
    city,
    seconds: options.minutes * 60,
    feedsFrom: (startNanos) =>
      new Map(city.poles.map(({ pole }) => [pole, new SoakFeed(floor, sources, startNanos)])),
    onAlarm: (alarm) => {
      alarms.push(alarm);
      if (json) printJson({ falseAlarm: alarm });
      else say(describeAlarm(alarm));
    },
    say,
  };
  const { figures, readings } = await (options.live ? runLive(job) : runInProcess(job));
  const run = { feeds, soundSeconds: job.seconds, incidents: alarms.length, ...figures };
  const totals = soakTotals(run, readings);
  for (const source of sources)
    if (source instanceof RecordingSource && source.unreadable.length > 0)
      say(`${source.unreadable.length} recordings could not be read, such as ${source.unreadable[0]}`);
  if (json) printJson(totals);
  else say(renderSoak(totals));
  return totals.failures.length === 0;
}

/** Rain or traffic all the time with speech over it; or the recordings of a folder. */
async function sourcesOf({ sounds }: SoakOptions, random: Random): Promise<SoundSource[]> {
  if (sounds !== undefined) return [await RecordingSource.open(sounds, random.fork('recordings'))];
  return [
    new SyntheticSource(['rain', 'traffic'], random.fork('street')),
    new SyntheticSource(['speech'], random.fork('speech')),
  ];
}

function describeAlarm({ atSeconds, class: name, confidence, method, poles }: FalseAlarm): string {
  const heard = poles.map(({ pole, score, sounds }) => `${pole} ${score} [${sounds.join('; ')}]`);
  return `false alarm at ${atSeconds.toFixed(1)} s: ${name} ${confidence} ${method}; ${heard.join(', ')}`;
}
