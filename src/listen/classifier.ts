import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { ClameurError } from '../config/index.js';
import type { BatchJob, BatchResult, WorkerSetup } from './classifier-messages.js';
import { PACKAGE_ROOT, type Model } from './model.js';
import { PatchQueue, type Batch, type PatchWriter, type Waiter } from './patch-queue.js';

/**
 * Batches are padded to one of these, so that a patch's scores do not hang on what waited beside it.
 * Ascending; the greatest is what a buffer holds.
 */
const BATCH_ROWS = [4, 16] as const;
const MOST_ROWS = BATCH_ROWS[BATCH_ROWS.length - 1];
/** Full batches that a worker may have at once: while this thread is busy with frames, the worker is not to wait for it. */
const MOST_RUNNING = 4;
/** A worker that died is started again after this, once; if it dies again within the span below, something is broken. */
const RESTART_MILLIS = 500;
const RESTART_SPAN_MILLIS = 60_000;
/** Longest wait for a thread that is to be ended; a batch takes some 5 ms, the model's loading a second. */
const REST_MILLIS = 2_000;

export interface ClassifierOptions {
  /** Threads that run the model. */
  workers?: number;
  /** Patches that may wait before `full` says so; hard end at four times as many. Default 4,096. */
  maxWaiting?: number;
  /**
   * How long a batch that is not full may wait for more, milliseconds: live, a few small batches cost the processor of
   * many large ones. Default 0, for recordings, which wait for their scores.
   */
  batchWaitMillis?: number;
  /** The thread's script; default: the built one of this package. */
  script?: string;
  /** Each batch's wall time. */
  onInference?: (seconds: number, patches: number) => void;
  /** A worker died or a batch failed; the classifier goes on if it can. */
  onError?: (error: ClameurError) => void;
}

/** What the listener needs of a classifier. */
export interface Classifier {
  readonly model: Model;
  /** More patches should wait until `room()`. */
  readonly full: boolean;
  /** Patches not yet scored. */
  readonly waiting: number;
  /** Resolves when no longer `full` (or failed for good). */
  room(): Promise<void>;
  /**
   * Scores one patch of `model.patchSamples`: the array (copied during the call), or what writes it into the row of its
   * batch, called once when that leaves, so that a thousand poles whose patches end at the same moment wait without
   * copies; it gives false where the sound is no longer there. One score from 0 to 1 a class, in the model's order,
   * rounded to 0.001. Rejects with CLASSIFIER_FAILED; never hangs.
   */
  score(patch: Float32Array | PatchWriter): Promise<Float32Array>;
  /** Fails what waits, zeroes and frees all. */
  close(): Promise<void>;
}

interface Lane {
  worker: Worker;
  ready: boolean;
  /** By job, oldest first: what the worker has, or is about to find in its queue. */
  running: Map<number, Batch>;
  /** What the worker was asked and has not answered: the model, and batches, also those that nobody waits for any more. */
  asked: number;
  /** Told once it has answered everything, or is gone. */
  onRest?: () => void;
}

/** Starts the workers. Resolves once each has loaded the model; rejects with CLASSIFIER_FAILED where one cannot. */
export async function startClassifier(model: Model, options: ClassifierOptions = {}): Promise<Classifier> {
  const pool = new ClassifierPool(model, options);
  await pool.start(options.workers ?? 1);
  return pool;
}

/**
 * The model in worker threads. A batch goes when it is full, or once it has waited for `batchWaitMillis` and a worker is
 * free, so that batches are as large as the load makes them. Sound travels in buffers that are transferred back and forth, zeroed by
 * the worker, and used again.
 */
class ClassifierPool implements Classifier {
  readonly #options: ClassifierOptions;
  readonly #maxWaiting: number;
  readonly #lanes: Lane[] = [];
  readonly #queue: PatchQueue;
  readonly #roomWaiters: (() => void)[] = [];
  #waiting = 0;
  #soon: NodeJS.Immediate | NodeJS.Timeout | undefined;
  #nextId = 1;
  #lastDeathMillis = -Infinity;
  #failure: ClameurError | undefined;
  #restart: NodeJS.Timeout | undefined;

  constructor(
    readonly model: Model,
    options: ClassifierOptions,
  ) {
    this.#options = options;
    this.#queue = new PatchQueue(MOST_ROWS, model.patchSamples);
    this.#maxWaiting = options.maxWaiting ?? 4096;
  }

  async start(workers: number): Promise<void> {
    const starts = Array.from({ length: workers }, () => this.#startLane());
    try {
      await Promise.all(starts);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  get full(): boolean {
    return this.#waiting >= this.#maxWaiting && !this.#failure;
  }

  get waiting(): number {
    return this.#waiting;
  }

  room(): Promise<void> {
    return this.full ? new Promise((resolve) => this.#roomWaiters.push(resolve)) : Promise.resolve();
  }

  score(patch: Float32Array | PatchWriter): Promise<Float32Array> {
    const { patchSamples } = this.model;
    if (this.#failure) return Promise.reject(this.#failure);
    if (typeof patch !== 'function' && patch.length !== patchSamples) {
      throw new RangeError(`a patch has ${patchSamples} samples, not ${patch.length}`);
    }
    if (this.#waiting >= 4 * this.#maxWaiting) {
      return Promise.reject(failed(`${this.#waiting} patches wait`, 'This patch was skipped.'));
    }
    const write = typeof patch === 'function' ? patch : writerOf(patch.slice());
    const promise = new Promise<Float32Array>((resolve, reject) =>
      this.#queue.push({ write, resolve, reject }),
    );
    this.#waiting++;
    this.#dispatchSoon();
    return promise;
  }

  async close(): Promise<void> {
    this.#fail(failed('it was closed', 'Nothing is scored any more.'));
    await Promise.all(
      this.#lanes.splice(0).map(async (lane) => {
        await rest(lane);
        await lane.worker.terminate();
      }),
    );
  }

  #startLane(): Promise<void> {
    const script = this.#options.script ?? join(PACKAGE_ROOT, 'dist/listen/classifier-worker.js');
    if (!existsSync(script)) {
      return Promise.reject(failed(`${script} is missing`, 'Build first: npm run build.'));
    }
    const setup: WorkerSetup = { bytes: this.model.bytes, patchSamples: this.model.patchSamples };
    const worker = new Worker(script, { workerData: setup, name: 'classifier' });
    const lane: Lane = { worker, ready: false, running: new Map(), asked: 1 };
    this.#lanes.push(lane);
    return new Promise((resolve, reject) => {
      let cause: unknown;
      worker.on('message', (message: BatchResult | { ready: true }) => {
        if (--lane.asked === 0) lane.onRest?.();
        if ('ready' in message) {
          lane.ready = true;
          resolve();
          this.#dispatch(true);
        } else this.#done(lane, message);
      });
      worker.on('error', (error) => {
        cause = error;
      });
      worker.on('exit', (code) => {
        lane.asked = 0;
        lane.onRest?.();
        const problem = cause instanceof Error ? cause.message : `its thread ended with code ${code}`;
        reject(failed(problem, 'The model cannot be run.', cause));
        this.#died(lane, problem, cause);
      });
    });
  }

  /** After this turn of the event loop, or a little later, in which several feeds may bring something. */
  #dispatchSoon(): void {
    if (this.#soon) return;
    const due = (): void => {
      this.#soon = undefined;
      this.#dispatch(true);
    };
    const { batchWaitMillis = 0 } = this.#options;
    this.#soon = batchWaitMillis > 0 ? setTimeout(due, batchWaitMillis) : setImmediate(due);
    if (batchWaitMillis > 0) this.#dispatch(false);
  }

  /** Sends full batches to workers that can take more, and where `partly` the rest to one that has nothing to do. */
  #dispatch(partly: boolean): void {
    for (let at = 0; at < MOST_RUNNING; at++)
      for (const lane of this.#lanes) if (lane.ready && lane.running.size <= at) this.#send(lane, partly);
  }

  #send(lane: Lane, partly: boolean): void {
    if (this.#queue.length < MOST_ROWS && !(partly && lane.running.size === 0)) return;
    const { batch, late } = this.#queue.next();
    if (late.length > 0) {
      const error = failed(`${late.length} patches waited too long`, 'They were skipped.');
      this.#settle(late, (waiter) => waiter.reject(error));
    }
    if (!batch) return;
    const count = batch.waiters.length;
    const rows = BATCH_ROWS.find((size) => size >= count) ?? MOST_ROWS;
    const job: BatchJob = { id: this.#nextId++, sound: batch.sound, count, rows };
    lane.running.set(job.id, batch);
    lane.asked++;
    lane.worker.postMessage(job, [batch.sound]);
  }

  #done(lane: Lane, result: BatchResult): void {
    const batch = lane.running.get(result.id);
    lane.running.delete(result.id);
    if (!this.#failure) this.#queue.giveBack(result.sound);
    this.#dispatch(this.#soon === undefined);
    if (!batch) return;
    if (!result.scores) {
      const error = failed(result.error ?? 'unknown', 'These patches were skipped.');
      this.#options.onError?.(error);
      this.#settle(batch.waiters, (waiter) => waiter.reject(error));
      return;
    }
    const { scores } = result;
    this.#options.onInference?.(result.seconds ?? 0, batch.waiters.length);
    const classes = scores.length / batch.waiters.length;
    for (let i = 0; i < scores.length; i++) scores[i] = roundScore(scores[i]);
    this.#settle(batch.waiters, (waiter, row) =>
      waiter.resolve(scores.subarray(row * classes, (row + 1) * classes)),
    );
  }

  #settle(waiters: readonly Waiter[], tell: (waiter: Waiter, row: number) => void): void {
    this.#waiting -= waiters.length;
    waiters.forEach(tell);
    if (!this.full) for (const resolve of this.#roomWaiters.splice(0)) resolve();
  }

  /** A thread is gone: what it had is lost, what waits goes on with the next one. */
  #died(lane: Lane, problem: string, cause: unknown): void {
    const at = this.#lanes.indexOf(lane);
    if (at < 0 || this.#failure) return;
    this.#lanes.splice(at, 1);
    const now = performance.now();
    const again = lane.ready && now - this.#lastDeathMillis > RESTART_SPAN_MILLIS;
    this.#lastDeathMillis = now;
    const error = failed(problem, again ? 'It is started again.' : 'It is not started again.', cause);
    this.#options.onError?.(error);
    for (const { waiters } of lane.running.values()) this.#settle(waiters, (waiter) => waiter.reject(error));
    lane.running.clear();
    if (again) {
      this.#restart = setTimeout(() => void this.#startLane().catch(() => undefined), RESTART_MILLIS);
    } else if (this.#lanes.length === 0) this.#fail(error);
  }

  #fail(error: ClameurError): void {
    this.#failure ??= error;
    clearTimeout(this.#restart);
    const waiters = this.#queue.clear();
    for (const lane of this.#lanes) {
      for (const batch of lane.running.values()) waiters.unshift(...batch.waiters);
      lane.running.clear();
    }
    this.#settle(waiters, (waiter) => waiter.reject(error));
  }
}

function writerOf(patch: Float32Array): PatchWriter {
  return (row) => {
    row.set(patch);
    patch.fill(0);
    return true;
  };
}

/** To three decimals before any decision, so that the last bits of a float decide nothing. NaN counts as 0. */
function roundScore(score: number): number {
  return score >= 0 ? Math.round(score * 1000) / 1000 : 0;
}

function failed(problem: string, next: string, cause?: unknown): ClameurError {
  return new ClameurError('CLASSIFIER_FAILED', { problem, next }, { cause });
}

/**
 * A thread that is ended while the model runs in it takes the whole process down, with the sound in its memory and
 * whatever else is still to be ended; so it may finish first, and wipes its sound by that.
 */
async function rest(lane: Lane): Promise<void> {
  if (lane.asked === 0) return;
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve) => {
    lane.onRest = resolve;
    timer = setTimeout(resolve, REST_MILLIS);
  });
  clearTimeout(timer);
}
