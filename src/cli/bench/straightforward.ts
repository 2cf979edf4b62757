import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import ort from 'onnxruntime-node';
import { Random } from '../../simulate/index.js';
import { ensurePackages } from '../debian.js';
import { costsOf } from './cpu-time.js';
import { backgroundLoop, BENCH_RATE_HZ } from './sounds.js';
import { round } from './statistics.js';
import { yamnetSized } from './yamnet-sized.js';

/** The way most would begin: one ffmpeg a feed, and a large network over each patch as it comes, one at a time. */
export interface Straightforward {
  /** So many feeds were run; what a core carries is their cost scaled up. */
  feeds: number;
  ffmpegMillisPerFeedSecond: number;
  networkMillisPerFeedSecond: number;
  feedsPerCore: number;
  bytesPerFeed: number;
}

const FEEDS = 6;
const SECONDS = 8;
/** Not counted: a process that starts costs more than one that runs. */
const START_SECONDS = 2;
const PATCH_SECONDS = 0.975;
const CHUNK_SECONDS = 0.1;
const ROUNDS = 9;
const BYTES_PER_SAMPLE = 2;

/** Measures it on this machine. Throws where there is no ffmpeg. The network's front end is not even counted. */
export async function measureStraightforward(say: (line: string) => void): Promise<Straightforward> {
  ensurePackages(['ffmpeg'], say);
  const { millis, bytes } = await ffmpegCost();
  const network = (await networkMillis()) / PATCH_SECONDS;
  return {
    feeds: FEEDS,
    ffmpegMillisPerFeedSecond: round(millis, 3),
    networkMillisPerFeedSecond: round(network, 3),
    feedsPerCore: Math.round(1000 / (millis + network)),
    bytesPerFeed: Math.round(bytes),
  };
}

async function networkMillis(): Promise<number> {
  const { bytes, inputDims, patchElements } = yamnetSized();
  const session = await ort.InferenceSession.create(bytes, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const input = new ort.Tensor('float32', new Float32Array(patchElements).fill(0.1), [1, ...inputDims]);
  const [name] = session.inputNames;
  const job = { name: 'patch', units: 1, run: async () => void (await session.run({ [name]: input })) };
  const costs = await costsOf([job], ROUNDS);
  await session.release();
  return costs.get('patch')!.millis;
}

/** Real sound at real speed through one ffmpeg a feed: processor milliseconds a feed-second, and memory. */
async function ffmpegCost(): Promise<{ millis: number; bytes: number }> {
  const sound = Buffer.from(backgroundLoop(new Random('straightforward')).buffer);
  const children = await Promise.all(Array.from({ length: FEEDS }, startFfmpeg));
  try {
    const chunk = CHUNK_SECONDS * BENCH_RATE_HZ * BYTES_PER_SAMPLE;
    let before = 0;
    for (let k = 0; k * CHUNK_SECONDS < START_SECONDS + SECONDS; k++) {
      if (k * CHUNK_SECONDS === START_SECONDS) before = await nanosOf(children);
      const at = (k * chunk) % (sound.length - chunk);
      for (const child of children) child.stdin!.write(sound.subarray(at, at + chunk));
      await new Promise((resolve) => setTimeout(resolve, CHUNK_SECONDS * 1000));
    }
    const nanos = (await nanosOf(children)) - before;
    const resident = await Promise.all(children.map(residentBytes));
    return {
      millis: nanos / 1e6 / (FEEDS * SECONDS),
      bytes: resident.reduce((sum, one) => sum + one, 0) / FEEDS,
    };
  } finally {
    for (const child of children) child.kill('SIGKILL');
  }
}

async function startFfmpeg(): Promise<ChildProcess> {
  const pcm = ['-f', 's16le', '-ar', String(BENCH_RATE_HZ), '-ac', '1'];
  const out = ['-f', 'f32le', '-ar', String(BENCH_RATE_HZ), 'pipe:1'];
  const child = spawn('ffmpeg', ['-loglevel', 'error', ...pcm, '-i', 'pipe:0', ...out], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  await once(child, 'spawn');
  child.stdout.resume();
  child.stdin.on('error', () => undefined);
  return child;
}

/** Time on a processor so far, of all threads; Linux tells it to the nanosecond. */
async function nanosOf(children: readonly ChildProcess[]): Promise<number> {
  let sum = 0;
  for (const { pid } of children) {
    for (const thread of await readdir(`/proc/${pid}/task`)) {
      const stat = await readFile(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').catch(() => '0');
      sum += Number(stat.split(' ')[0]);
    }
  }
  return sum;
}

async function residentBytes({ pid }: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
}
