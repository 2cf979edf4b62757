import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import ort from 'onnxruntime-node';
import { SAMPLE_RATE_HZ } from '../../audio/index.js';
import { ClameurError } from '../../config/index.js';
import type { Model } from '../../listen/index.js';
import { resampleTo } from '../../simulate/index.js';
import type { ForeignDescription } from './foreign-description.js';

/** A shorter last dimension is no stretch of sound but a spectrum or an embedding. */
const LEAST_PATCH_SAMPLES = 1000;
const DEFAULT_THRESHOLDS = { on: 0.5, off: 0.33, alone: 0.9 };

/** A network that takes raw sound, whatever its rate, length of patch and classes. */
export interface ForeignModel {
  model: Model;
  /** Patches of one run, at most. */
  mostRows: number;
  /** `count` patches of `model.patchSamples` at 16 kHz one after the other: a score a class for each. */
  run(sound: Float32Array, count: number): Promise<Float32Array>;
}

/** Throws MODEL_INVALID where the graph has no raw-waveform input or not the outputs that are named. */
export async function openForeign(
  file: string,
  bytes: Uint8Array,
  description: ForeignDescription,
): Promise<ForeignModel> {
  const session = await ort.InferenceSession.create(bytes, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  }).catch((cause: unknown) => {
    const problem = `ONNX Runtime cannot load it (${(cause as Error).message.slice(0, 200)})`;
    throw new ClameurError('MODEL_INVALID', { file, problem }, { cause });
  });
  const rateHz = description.sampleRateHz ?? SAMPLE_RATE_HZ;
  const input = waveformInput(session, file, description.patchSamples ?? rateHz);
  const output = description.output ?? session.outputNames[0];
  if (!session.outputNames.includes(output))
    throw new ClameurError('MODEL_INVALID', {
      file,
      problem: `there is no output "${output}"; there are ${session.outputNames.join(', ')}`,
    });
  const patchSeconds = input.samples / rateHz;
  if (patchSeconds > 2)
    throw new ClameurError('MODEL_INVALID', {
      file,
      problem: `a patch of ${input.samples} samples at ${rateHz} Hz is longer than the 2 s that a pole's ring holds; set patchSamples (--patch-samples)`,
    });
  const classes = Object.keys(description.outputs);
  const indexes = Object.values(description.outputs);
  const { activation = 'none' } = description;
  const model: Model = {
    name: description.name ?? basename(file, '.onnx'),
    version: description.version ?? '0',
    sha256: createHash('sha256').update(bytes).digest('hex'),
    classes,
    patchSeconds,
    patchSamples: Math.round(patchSeconds * SAMPLE_RATE_HZ),
    hopSeconds: description.hopSeconds ?? patchSeconds / 2,
    thresholds: Object.fromEntries(
      classes.map((name) => [name, description.thresholds?.[name] ?? DEFAULT_THRESHOLDS]),
    ),
    bytes,
  };
  const run = async (sound: Float32Array, count: number): Promise<Float32Array> => {
    const own = atRate(sound, count, rateHz, input.samples);
    const results = await session.run({
      [input.name]: new ort.Tensor('float32', own, input.dims(count)),
    });
    const { data, dims } = results[output];
    const width = dims[dims.length - 1];
    const most = Math.max(...indexes.flat());
    if (!(data instanceof Float32Array) || !(most < width))
      throw new ClameurError('MODEL_INVALID', {
        file,
        problem: `output "${output}" has ${width} values a patch, but outputs names index ${most}`,
      });
    return scoresOf(data, count, width, indexes, activation);
  };
  await run(new Float32Array(model.patchSamples), 1);
  return { model, mostRows: input.batched ? 16 : 1, run };
}

interface WaveformInput {
  name: string;
  samples: number;
  batched: boolean;
  dims: (rows: number) => number[];
}

/** `[samples]`, `[n, samples]` or `[n, 1, samples]` of float32; what the graph leaves open is `openSamples` long. */
function waveformInput(session: ort.InferenceSession, file: string, openSamples: number): WaveformInput {
  const found = session.inputMetadata.map((one) =>
    one.isTensor ? `${one.name}: ${one.type} [${one.shape.join(', ')}]` : `${one.name}: no tensor`,
  );
  const [only] = session.inputMetadata;
  const none = (): never => {
    throw new ClameurError('MODEL_INVALID', {
      file,
      problem: `it has no raw-waveform input (float32 [samples], [n, samples] or [n, 1, samples]); its inputs are ${found.join('; ')}`,
    });
  };
  if (session.inputMetadata.length !== 1 || !only.isTensor || only.type !== 'float32') return none();
  const shape = only.shape;
  const last = shape[shape.length - 1];
  const samples = typeof last === 'number' && last > 0 ? last : openSamples;
  const middle = shape.length === 3 ? shape[1] : 1;
  const oneChannel = typeof middle !== 'number' || middle <= 1;
  if (shape.length < 1 || shape.length > 3 || samples < LEAST_PATCH_SAMPLES || !oneChannel) return none();
  if (typeof last === 'number' && last > 0 && openSamples !== SAMPLE_RATE_HZ && last !== openSamples)
    throw new ClameurError('MODEL_INVALID', {
      file,
      problem: `its input takes ${last} samples a patch, but patchSamples says ${openSamples}`,
    });
  const batched = shape.length > 1 && !(typeof shape[0] === 'number' && shape[0] > 0);
  return {
    name: only.name,
    samples,
    batched,
    dims: (rows) =>
      shape.length === 1 ? [samples] : shape.length === 2 ? [rows, samples] : [rows, 1, samples],
  };
}

/** Rows at 16 kHz as rows of `samples` at the model's rate. */
function atRate(sound: Float32Array, count: number, rateHz: number, samples: number): Float32Array {
  if (rateHz === SAMPLE_RATE_HZ) return sound;
  const length = sound.length / count;
  const own = new Float32Array(count * samples);
  for (let row = 0; row < count; row++) {
    const there = resampleTo(sound.subarray(row * length, (row + 1) * length), SAMPLE_RATE_HZ, rateHz);
    own.set(there.subarray(0, samples), row * samples);
  }
  return own;
}

/** The highest of a class's outputs over all frames of a patch, rounded as the service rounds; NaN counts as 0. */
function scoresOf(
  data: Float32Array,
  count: number,
  width: number,
  indexes: readonly (readonly number[])[],
  activation: NonNullable<ForeignDescription['activation']>,
): Float32Array {
  const scores = new Float32Array(count * indexes.length);
  const frames = data.length / count / width;
  for (let row = 0; row < count; row++) {
    for (let frame = 0; frame < frames; frame++) {
      const values = data.subarray((row * frames + frame) * width, (row * frames + frame + 1) * width);
      const total = activation === 'softmax' ? values.reduce((sum, x) => sum + Math.exp(x), 0) : 1;
      indexes.forEach((own, k) => {
        for (const index of own) {
          const x = values[index];
          const score =
            activation === 'none'
              ? x
              : activation === 'sigmoid'
                ? 1 / (1 + Math.exp(-x))
                : Math.exp(x) / total;
          const rounded = Math.round(Math.min(1, score) * 1000) / 1000;
          if (rounded > scores[row * indexes.length + k]) scores[row * indexes.length + k] = rounded;
        }
      });
    }
  }
  return scores;
}
