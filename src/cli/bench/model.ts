import { cpus } from 'node:os';
import ort from 'onnxruntime-node';
import { loadModel } from '../../listen/index.js';
import { Random } from '../../simulate/index.js';
import { writeOnnx } from '../eval/onnx-writer.js';
import { printJson } from '../output.js';
import { costsOf, type Job } from './cpu-time.js';
import { describeModel, FULL_BATCH, MODEL_BATCHES, modelTotals } from './model-report.js';
import { timeNodes } from './node-times.js';
import { yamnetSized } from './yamnet-sized.js';

const ROUNDS = 15;
/** A product of matrices of this order is as fast as the processor gets through the same runtime. */
const PEAK_ORDER = 512;

export interface ModelBenchOptions {
  seed: string;
  json: boolean;
  say: (line: string) => void;
}

/** `clameur bench --model`: true if a second of sound costs no more than the bar. */
export async function benchModel({ seed, json, say }: ModelBenchOptions): Promise<boolean> {
  const model = await loadModel(process.env['CLAMEUR_MODEL_PATH']);
  const random = new Random(seed);
  const session = await sessionOf(model.bytes);
  const other = yamnetSized();
  const otherSession = await sessionOf(other.bytes);
  const patch = (rows: number): ort.Tensor => noise(random, [rows, model.patchSamples], 0.05);
  say(`${model.name} ${model.version} and a YAMNet-sized network, taking turns on one thread …`);
  const jobs: Job[] = [
    ...MODEL_BATCHES.map((rows) => runs(`model ${rows}`, session, patch(rows), rows)),
    ...[1, FULL_BATCH].map((rows) =>
      runs(`yamnet ${rows}`, otherSession, noise(random, [rows, ...other.inputDims], 1), rows),
    ),
    runs('peak', await sessionOf(squareProduct(random)), noise(random, [PEAK_ORDER, PEAK_ORDER], 1), 1),
  ];
  const costs = await costsOf(jobs, ROUNDS);
  const nodes = await timeNodes(model.bytes, patch(FULL_BATCH));
  await Promise.all([session.release(), otherSession.release()]);
  const totals = modelTotals({
    model,
    costs,
    nodes,
    comparison: other,
    peakMultiplyAdds: PEAK_ORDER ** 3,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
  });
  if (json) printJson(totals);
  else say(describeModel(totals));
  return totals.failures.length === 0;
}

/** As the service's classifier runs it: one thread, nothing in parallel. */
function sessionOf(bytes: Uint8Array): Promise<ort.InferenceSession> {
  return ort.InferenceSession.create(bytes, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
  });
}

function runs(name: string, session: ort.InferenceSession, input: ort.Tensor, units: number): Job {
  const [only] = session.inputNames;
  return { name, units, run: async () => void (await session.run({ [only]: input })) };
}

function noise(random: Random, dims: readonly number[], scale: number): ort.Tensor {
  const count = dims.reduce((product, dim) => product * dim, 1);
  return new ort.Tensor(
    'float32',
    Float32Array.from({ length: count }, () => scale * random.white()),
    dims,
  );
}

function squareProduct(random: Random): Uint8Array {
  const dims = [PEAK_ORDER, PEAK_ORDER];
  const values = Float32Array.from({ length: PEAK_ORDER ** 2 }, () => random.white());
  return writeOnnx({
    nodes: [{ op: 'MatMul', inputs: ['a', 'b'], outputs: ['c'] }],
    weights: [{ name: 'b', dims, values }],
    inputs: [{ name: 'a', dims }],
    outputs: [{ name: 'c', dims }],
    opset: 17,
  });
}
