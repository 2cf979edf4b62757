import fc from 'fast-check';
import type { Target } from './target.js';
import { targets } from './targets.js';

/** One input may take no more of the processor: by the clock, a busy machine would look like a slow reader. */
const MAX_INPUT_MILLIS = 3_000;
const MAX_GROWTH_BYTES = 300 * 1024 * 1024;
/** Inputs between two looks at the memory. */
const BATCH = 20_000;

export interface FuzzResult {
  target: string;
  runs: number;
  seconds: number;
  slowestMillis: number;
  failure?: string;
}

export interface FuzzWatch {
  target(name: string): void;
  input(): void;
  result(result: FuzzResult): void;
}

/** Tries each target with its share of `runs`; the same seed gives the same inputs. */
export async function fuzz(runs: number, seed: number, watch: FuzzWatch): Promise<FuzzResult[]> {
  const results: FuzzResult[] = [];
  const all = await targets();
  const shares = all.reduce((sum, { share }) => sum + share, 0);
  for (const target of all) {
    watch.target(target.name);
    const own = Math.max(20, Math.ceil((runs * target.share) / shares));
    const result = await tryTarget(target, own, seed, watch);
    watch.result(result);
    results.push(result);
    await target.close?.();
  }
  return results;
}

async function tryTarget(target: Target, runs: number, seed: number, watch: FuzzWatch): Promise<FuzzResult> {
  let slowestMillis = 0;
  const began = performance.now();
  const before = process.memoryUsage().rss;
  const told = (done: number, failure?: string): FuzzResult => ({
    target: target.name,
    runs: done,
    seconds: (performance.now() - began) / 1000,
    slowestMillis,
    ...(failure !== undefined && { failure }),
  });
  const property = fc.asyncProperty(target.input, async (input) => {
    watch.input();
    const start = process.cpuUsage();
    const answer = target.run(input);
    const fine = answer instanceof Promise ? await answer : answer;
    const { user, system } = process.cpuUsage(start);
    const millis = (user + system) / 1000;
    slowestMillis = Math.max(slowestMillis, millis);
    if (millis > MAX_INPUT_MILLIS) throw new Error(`took ${Math.round(millis)} ms`);
    // Whatever an input says, it may put nothing on every object there is.
    for (const key in {}) throw new Error(`${key} stands on every object now`);
    return fine !== false;
  });
  for (let done = 0; done < runs; done += BATCH) {
    const numRuns = Math.min(BATCH, runs - done);
    const check = await fc.check(property, { seed: seed + done, numRuns, endOnFailure: false });
    if (check.failed)
      return told(done + check.numRuns, (await fc.asyncDefaultReportMessage(check)) ?? 'failed');
    const growth = process.memoryUsage().rss - before;
    if (growth > MAX_GROWTH_BYTES)
      return told(
        done + numRuns,
        `memory grew by ${Math.round(growth / 1e6)} MB in ${done + numRuns} inputs`,
      );
  }
  return told(runs);
}
