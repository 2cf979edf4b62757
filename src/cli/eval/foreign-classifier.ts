import { ClameurError } from '../../config/index.js';
import type { Classifier } from '../../listen/index.js';
import type { ForeignModel } from './foreign-model.js';

const MOST_WAITING = 256;

interface Waiting {
  patch: Float32Array;
  resolve: (scores: Float32Array) => void;
  reject: (error: ClameurError) => void;
}

/** Another's model where the service expects its own: in this process, ONNX Runtime's threads doing the work. */
export function foreignClassifier({ model, mostRows, run }: ForeignModel): Classifier {
  const queue: Waiting[] = [];
  const roomWaiters: (() => void)[] = [];
  let running = false;
  const drain = async (): Promise<void> => {
    running = true;
    while (queue.length > 0) {
      const batch = queue.splice(0, mostRows);
      const sound = new Float32Array(batch.length * model.patchSamples);
      batch.forEach(({ patch }, row) => sound.set(patch, row * model.patchSamples));
      try {
        const scores = await run(sound, batch.length);
        const width = model.classes.length;
        batch.forEach(({ resolve }, row) => resolve(scores.subarray(row * width, (row + 1) * width)));
      } catch (cause) {
        const problem = cause instanceof Error ? cause.message : String(cause);
        const error = new ClameurError(
          'CLASSIFIER_FAILED',
          { problem, next: 'These patches were skipped.' },
          { cause },
        );
        for (const { reject } of batch) reject(error);
      }
      if (queue.length < MOST_WAITING) for (const resolve of roomWaiters.splice(0)) resolve();
    }
    running = false;
  };
  return {
    model,
    get full() {
      return queue.length >= MOST_WAITING;
    },
    get waiting() {
      return queue.length;
    },
    room: () =>
      queue.length >= MOST_WAITING ? new Promise((resolve) => roomWaiters.push(resolve)) : Promise.resolve(),
    score: (patch) => {
      const own = new Float32Array(model.patchSamples);
      if (typeof patch === 'function') patch(own);
      else own.set(patch);
      const scores = new Promise<Float32Array>((resolve, reject) =>
        queue.push({ patch: own, resolve, reject }),
      );
      // Behind this turn of the event loop, so that what comes in it goes in one batch.
      if (!running) {
        running = true;
        setImmediate(() => void drain());
      }
      return scores;
    },
    close: () => Promise.resolve(),
  };
}
