import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { ClameurError } from '../../config/index.js';
import { siteJson, type City } from './city.js';
import { processCost } from './process-cost.js';

const MAIN = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const READY_MILLIS = 60_000;

/** What the service tells of itself on /metrics, and what the kernel tells of its process. */
export interface ServiceFigures {
  cpuSeconds: number;
  rssBytes: number;
  /** As it was within the last minute. */
  heapBytes: number;
  frames: number;
  framesDropped: number;
  patches: number;
  patchesDropped: number;
  /** Patches and blocks given up on purpose, for want of time. */
  shed: number;
  onsets: number;
}

/** The real `clameur serve` in a process of its own, on a city. */
export interface BenchService {
  readonly child: ChildProcess;
  figures(): Promise<ServiceFigures>;
  /** SIGTERM; its data is removed. */
  stop(): Promise<void>;
}

/** Starts it and waits until it is ready. Thousands of blasts an hour are no fireworks here. */
export async function startBenchService(
  city: City,
  natsUrl: string,
  nodeArguments: readonly string[] = [],
): Promise<BenchService> {
  const folder = await mkdtemp(join(tmpdir(), 'clameur-bench-'));
  const config = join(folder, 'clameur.yaml');
  await writeFile(join(folder, 'site.geojson'), JSON.stringify(siteJson(city)));
  await writeFile(
    config,
    stringify({
      site: 'site.geojson',
      data: 'data',
      nats: { servers: natsUrl },
      http: { port: 0 },
      locate: { fireworksPerMinute: 1_000_000 },
      log: { level: 'info' },
    }),
  );
  const child = spawn(process.execPath, [...nodeArguments, MAIN, 'serve', '--config', config], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const reap = (): void => void child.kill('SIGKILL');
  process.once('exit', reap);
  const stop = async (): Promise<void> => {
    process.removeListener('exit', reap);
    if (child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
    }
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const url = await startedUrl(child);
    await ready(url, child);
    return { child, stop, figures: () => readFigures(url, child.pid!) };
  } catch (error) {
    await stop();
    throw error;
  }
}

function startedUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let log = '';
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-100_000);
      const started = /"url":"([^"]+)"/.exec(log);
      if (started) resolve(started[1]);
      // A bench shows what the service warns of: it bears on the figures.
      for (const line of text.split('\n'))
        if (/"level":(40|50|60|"warn"|"error"|"fatal")/.test(line))
          process.stderr.write(`service: ${line}\n`);
    });
    child.once('exit', (code) =>
      reject(
        new ClameurError('BENCH_FAILED', {
          problem: `the service ended with exit code ${code}: ${log.slice(-2000)}`,
        }),
      ),
    );
  });
}

async function ready(url: string, child: ChildProcess): Promise<void> {
  for (const end = Date.now() + READY_MILLIS; Date.now() < end;) {
    const { ok } = await fetch(`${url}/readyz`).catch(() => ({ ok: false }));
    if (ok) return;
    if (child.exitCode !== null) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new ClameurError('BENCH_FAILED', { problem: `the service at ${url} does not get ready` });
}

async function readFigures(url: string, pid: number): Promise<ServiceFigures> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const sum = (name: string): number =>
    [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)`, 'gm'))].reduce(
      (total, [, value]) => total + Number(value),
      0,
    );
  return {
    ...(await processCost(pid)),
    heapBytes: sum('nodejs_heap_size_used_bytes'),
    frames: sum('clameur_frames_total'),
    framesDropped: sum('clameur_frames_dropped_total'),
    patches: sum('clameur_patches_total'),
    patchesDropped: sum('clameur_queue_dropped_total'),
    shed: sum('clameur_sound_shed_total'),
    onsets: sum('clameur_onsets_total'),
  };
}
