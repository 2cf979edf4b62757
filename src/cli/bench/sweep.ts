import { printJson } from '../output.js';
import { runLoad } from './load.js';
import { describeLoad, type LoadTotals } from './load-report.js';
import { measureStraightforward, type Straightforward } from './straightforward.js';
import { round } from './statistics.js';

export interface SweepOptions {
  feeds: readonly number[];
  seconds: number;
  seed: string;
  compare: boolean;
  profile: boolean;
  json: boolean;
  say: (line: string) => void;
}

/**
 * `clameur bench`: true if in each run nothing was dropped, every shot found, and all in time. As JSON one line a run;
 * the last line is the last run's with the comparison.
 */
export async function benchSweep(options: SweepOptions): Promise<boolean> {
  const { feeds, seconds, seed, compare, profile, json, say } = options;
  let met = true;
  let last: LoadTotals | undefined;
  let whole: LoadTotals | undefined;
  for (const count of feeds) {
    if (json && last) printJson(last);
    last = await runLoad({ feeds: count, seconds, seed, profile, say });
    met &&= last.failures.length === 0;
    if (last.dropped === 0) whole = last;
    if (!json) say(describeLoad(last));
  }
  if (!last) return met;
  // A run that gave sound up did less than it was asked to: it says nothing of what a core carries.
  const straightforward = compare ? await comparison(say) : undefined;
  const times = straightforward && whole && round(whole.feedsPerCore / straightforward.feedsPerCore, 1);
  if (json)
    printJson({
      ...last,
      ...(straightforward && { straightforward }),
      ...(whole && times && { timesTheStraightforward: times, comparedAtFeeds: whole.feeds }),
    });
  else if (straightforward && whole) say(describe(straightforward, whole, times!));
  return met;
}

async function comparison(say: (line: string) => void): Promise<Straightforward | undefined> {
  say('the straightforward way: one ffmpeg a feed, a YAMNet-sized network every 0.975 s …');
  try {
    return await measureStraightforward(say);
  } catch (error) {
    say(`it was not measured: ${String(error)}; install ffmpeg`);
    return undefined;
  }
}

function describe(other: Straightforward, own: LoadTotals, times: number): string {
  const { ffmpegMillisPerFeedSecond: ffmpeg, networkMillisPerFeedSecond: network } = other;
  return (
    `straightforward: ${ffmpeg} ms for ffmpeg + ${network} ms for the network a feed-second ` +
    `(measured on ${other.feeds} feeds, scaled): ${other.feedsPerCore} feeds a core, ` +
    `${Math.round(other.bytesPerFeed / 1e6)} MB a feed; here ${own.feedsPerCore} feeds a core at ${own.feeds} feeds, ${times} times as many`
  );
}
