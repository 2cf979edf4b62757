import { parentPort, workerData } from 'node:worker_threads';
import ort from 'onnxruntime-node';
import type { BatchJob, BatchResult, WorkerSetup } from './classifier-messages.js';

/**
 * The thread that runs the model: a session for life, one batch at a time, each padded to a fixed size so that what else
 * is in it changes no score. It owns a batch's buffer from receipt until it posts it back, zeroed.
 */
const { bytes, patchSamples } = workerData as WorkerSetup;
const port = parentPort;
if (!port) throw new Error('classifier-worker runs only as a worker thread');

const session = await ort.InferenceSession.create(bytes, {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
});
const [input] = session.inputNames;
const [output] = session.outputNames;

port.on('message', (job: BatchJob) => void run(job));
port.postMessage({ ready: true });

async function run({ id, sound, count, rows }: BatchJob): Promise<void> {
  const started = performance.now();
  const batch = new Float32Array(sound, 0, rows * patchSamples);
  let result: BatchResult;
  try {
    const outputs = await session.run({
      [input]: new ort.Tensor('float32', batch, [rows, patchSamples]),
    });
    const all = outputs[output].data as Float32Array;
    const scores = all.slice(0, (all.length / rows) * count);
    result = { id, sound, scores, seconds: (performance.now() - started) / 1000 };
  } catch (error) {
    result = { id, sound, error: error instanceof Error ? error.message : String(error) };
  }
  new Float32Array(sound).fill(0);
  port?.postMessage(result, [sound, ...(result.scores ? [result.scores.buffer as ArrayBuffer] : [])]);
}
