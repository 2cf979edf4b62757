import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Nanos } from '../../audio/index.js';
import { ClameurError } from '../../config/index.js';
import type { SenderJob, SenderReport, SenderStart } from './load-sender.js';
import type { Pace } from './real-pace.js';

const SCRIPT = fileURLToPath(new URL('../../../dist/cli/bench/load-sender.js', import.meta.url));
const FEEDS_A_PROCESS = 250;

/** Processes that send, apart from the one that measures. */
export class SenderProcesses {
  readonly #children: ChildProcess[];

  /** Resolves once each has made its sound and is connected. */
  static async start(job: SenderJob): Promise<SenderProcesses> {
    const count = Math.ceil(job.poles.length / FEEDS_A_PROCESS);
    const processes = new SenderProcesses(Array.from({ length: count }, () => fork(SCRIPT)));
    try {
      await Promise.all(
        processes.#children.map(async (child, i) => {
          const poles = job.poles.filter((_, p) => p % count === i);
          const mine = new Set(poles);
          const shots = job.shots.filter(({ pole }) => mine.has(pole));
          const ready = reported(child);
          child.send({ ...job, poles, shots, seed: `${job.seed} ${i}` } satisfies SenderJob);
          await ready;
        }),
      );
    } catch (error) {
      processes.stop();
      throw error;
    }
    return processes;
  }

  private constructor(children: ChildProcess[]) {
    this.#children = children;
  }

  /** Resolves when all is sent, with the sum of their frames and the greatest lateness. */
  async send(startNanos: Nanos): Promise<Pace> {
    const paces = this.#children.map((child) => reported(child));
    for (const child of this.#children) child.send({ startNanos: String(startNanos) } satisfies SenderStart);
    return (await Promise.all(paces)).reduce<Pace>(
      (sum, pace) =>
        pace === 'ready'
          ? sum
          : {
              frames: sum.frames + pace.frames,
              latestSeconds: Math.max(sum.latestSeconds, pace.latestSeconds),
            },
      { frames: 0, latestSeconds: 0 },
    );
  }

  stop(): void {
    for (const child of this.#children) child.kill();
  }
}

function reported(child: ChildProcess): Promise<SenderReport> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as SenderReport));
    child.once('exit', (code) =>
      reject(new ClameurError('BENCH_FAILED', { problem: `a sender ended with exit code ${code}` })),
    );
  });
}
