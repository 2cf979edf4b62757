import { connect } from 'nats';
import { Random } from '../../simulate/index.js';
import type { LoadShot } from './load-plan.js';
import { encodeLoop, PoleStream } from './pole-stream.js';
import { sendAtRealPace, type Pace } from './real-pace.js';
import { backgroundLoop, SoundTable } from './sounds.js';

/** What a sender's process is told: first the job; when it is ready, when to begin. */
export interface SenderJob {
  natsUrl: string;
  site: string;
  poles: readonly string[];
  shots: readonly LoadShot[];
  seconds: number;
  seed: string;
}
export interface SenderStart {
  /** A `bigint` does not pass between processes. */
  startNanos: string;
}
export type SenderReport = 'ready' | Pace;

/**
 * The same guns in every run, whatever its seed, each of which one pole hears as one: what is tried is a service under
 * load. Which guns the model knows is measured by `clameur eval`.
 */
const GUNS = 'clameur';
/** Poles share a few loops, each from a place of its own: a thousand of them would fill memory, not hear more. */
const LOOPS = 6;

async function main(): Promise<void> {
  const job = await received<SenderJob>();
  const random = new Random(job.seed);
  const loops = Array.from({ length: LOOPS }, (_, i) => encodeLoop(backgroundLoop(random.fork(`loop${i}`))));
  const table = new SoundTable(new Random(GUNS).fork('shots'));
  const clips = job.shots.map((shot) => ({
    ...shot,
    clip: table.clip('gunshot', shot.meters, shot.variant),
  }));
  const connection = await connect({ servers: job.natsUrl, name: 'clameur bench sender' });
  report('ready');
  const startNanos = BigInt((await received<SenderStart>()).startNanos);
  const streams = new Map(
    job.poles.map((pole, i) => [
      pole,
      new PoleStream(loops[i % LOOPS], startNanos, (i * 37) % loops[0].length),
    ]),
  );
  for (const { pole, clip, seconds } of clips) streams.get(pole)?.add(clip, seconds);
  const senders = [...streams].map(([pole, stream]) => ({
    subject: `audio.${job.site}.${pole}`,
    frame: (k: number) => stream.frame(k),
  }));
  const pace = await sendAtRealPace(connection, senders, { startNanos, seconds: job.seconds });
  await connection.close();
  report(pace);
  process.disconnect();
}

function received<T>(): Promise<T> {
  return new Promise((resolve) => process.once('message', (message) => resolve(message as T)));
}

function report(what: SenderReport): void {
  process.send?.(what);
}

await main();
