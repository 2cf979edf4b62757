import { percentile } from './statistics.js';

/** Something whose cost is asked for; called again and again. */
export interface Job {
  name: string;
  /** Units of work that one call does. */
  units: number;
  run(): void | Promise<void>;
}

export interface JobCost {
  /** Processor milliseconds of this process a unit of work, in the median round and in the best one. */
  millis: number;
  bestMillis: number;
}

/** A round lasts at least this, far above what the kernel's accounting can tell apart. */
const LEAST_ROUND_MILLIS = 40;
const WARM_CALLS = 3;

/**
 * What each job costs in processor time, its threads included: not in wall time, which on a shared machine is mostly the
 * time of others. The jobs take turns, round by round, so that what else the machine does falls on all of them alike
 * and their ratios hold even where the figures themselves do not.
 */
export async function costsOf(jobs: readonly Job[], rounds: number): Promise<Map<string, JobCost>> {
  const calls = new Map<Job, number>();
  for (const job of jobs) {
    for (let i = 0; i < WARM_CALLS; i++) await job.run();
    calls.set(job, Math.max(1, Math.ceil(LEAST_ROUND_MILLIS / Math.max(0.001, await cpuMillis(job, 1)))));
  }
  const millis = new Map<Job, number[]>(jobs.map((job) => [job, []]));
  for (let round = 0; round < rounds; round++) {
    for (const job of jobs) {
      const count = calls.get(job)!;
      millis.get(job)!.push((await cpuMillis(job, count)) / (count * job.units));
    }
  }
  return new Map(
    [...millis].map(([{ name }, all]) => [
      name,
      { millis: percentile(all, 0.5)!, bestMillis: Math.min(...all) },
    ]),
  );
}

async function cpuMillis(job: Job, calls: number): Promise<number> {
  const before = process.cpuUsage();
  for (let i = 0; i < calls; i++) {
    const running = job.run();
    if (running) await running;
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
