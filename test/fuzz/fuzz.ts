import fc from 'fast-check';
import { targets, type Target } from './targets.js';

/** One input may take no longer: a machine that is busy is not a hang. */
const MAX_INPUT_MILLIS = 5_000;
const MAX_GROWTH_BYTES = 300 * 1024 * 1024;
/** Inputs between two looks at the memory. */
const BATCH = 20_000;

export interface FuzzResult {
  target: string;
  runs: number;
  slowestMillis: number;
  failure?: string;
}

/** Tries each target with its share of `runs`; the same seed gives the same inputs. */
export async function fuzz(
  runs: number,
  seed: number,
  report: (result: FuzzResult) => void,
): Promise<FuzzResult[]> {
  const results: FuzzResult[] = [];
  for (const target of await targets()) {
    const result = await tryTarget(target, Math.max(20, Math.round(runs * target.share)), seed);
    report(result);
    results.push(result);
    await target.close?.();
  }
  return results;
}

async function tryTarget(target: Target, runs: number, seed: number): Promise<FuzzResult> {
  let slowestMillis = 0;
  const before = process.memoryUsage().rss;
  const property = fc.asyncProperty(target.input, async (input) => {
    const began = performance.now();
    const answer = target.run(input);
    const fine = answer instanceof Promise ? await answer : answer;
    const millis = performance.now() - began;
    slowestMillis = Math.max(slowestMillis, millis);
    if (millis > MAX_INPUT_MILLIS) throw new Error(`took ${Math.round(millis)} ms`);
    return fine !== false;
  });
  for (let done = 0; done < runs; done += BATCH) {
    const numRuns = Math.min(BATCH, runs - done);
    const check = await fc.check(property, { seed: seed + done, numRuns, endOnFailure: false });
    if (check.failed) {
      const failure = await fc.asyncDefaultReportMessage(check);
      return { target: target.name, runs: done + check.numRuns, slowestMillis, failure: failure ?? 'failed' };
    }
    const growth = process.memoryUsage().rss - before;
    if (growth > MAX_GROWTH_BYTES) {
      const failure = `memory grew by ${Math.round(growth / 1e6)} MB in ${done + numRuns} inputs`;
      return { target: target.name, runs: done + numRuns, slowestMillis, failure };
    }
  }
  return { target: target.name, runs, slowestMillis };
}
