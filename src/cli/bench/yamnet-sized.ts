import { writeOnnx, type OnnxNode, type OnnxTensor } from '../eval/onnx-writer.js';
import { Random } from '../../simulate/index.js';

/** Frames of 10 ms and mel bands of one patch, as YAMNet takes them; its front end is not in the comparison. */
const FRAMES = 96;
const BANDS = 64;
const CLASSES = 521;
/** YAMNet's own hop, seconds: half a patch. */
export const YAMNET_HOP_SECONDS = 0.48;
const FIRST_CHANNELS = 32;
/** Stride and channels of the separable layers (MobileNet v1: Howard et al. 2017; YAMNet's params.py and yamnet.py). */
const SEPARABLE = [
  [1, 64],
  [2, 128],
  [1, 128],
  [2, 256],
  [1, 256],
  [2, 512],
  [1, 512],
  [1, 512],
  [1, 512],
  [1, 512],
  [1, 512],
  [2, 1024],
  [1, 1024],
] as const;

export interface ComparisonNetwork {
  bytes: Uint8Array;
  weights: number;
  /** Multiply-adds a patch. */
  multiplyAdds: number;
  patchElements: number;
  inputDims: readonly number[];
}

/**
 * A network of YAMNet's layers and size with random weights: log-mel patches `[n, 1, 96, 64]` in, 521 scores out. What
 * it costs hangs on its shapes alone. Batch norm is folded into the convolutions, as ONNX Runtime would.
 */
export function yamnetSized(): ComparisonNetwork {
  const random = new Random('yamnet-sized');
  const nodes: OnnxNode[] = [];
  const weights: OnnxTensor[] = [];
  let multiplyAdds = 0;
  let rows = FRAMES;
  let columns = BANDS;
  let channels = 1;
  let value = 'logmel';
  const convolution = (out: number, kernel: number, stride: number, group: number): void => {
    const name = `c${nodes.length}`;
    const dims = [out, channels / group, kernel, kernel];
    weights.push(randomTensor(`${name}w`, dims, random), randomTensor(`${name}b`, [out], random));
    nodes.push({
      op: 'Conv',
      inputs: [value, `${name}w`, `${name}b`],
      outputs: [name],
      attributes: {
        kernel_shape: [kernel, kernel],
        strides: [stride, stride],
        group,
        auto_pad: 'SAME_UPPER',
      },
    });
    nodes.push({ op: 'Relu', inputs: [name], outputs: [`${name}r`] });
    value = `${name}r`;
    rows = Math.ceil(rows / stride);
    columns = Math.ceil(columns / stride);
    multiplyAdds += rows * columns * dims.reduce((product, dim) => product * dim, 1);
    channels = out;
  };
  convolution(FIRST_CHANNELS, 3, 2, 1);
  for (const [stride, out] of SEPARABLE) {
    convolution(channels, 3, stride, channels);
    convolution(out, 1, 1, 1);
  }
  nodes.push(
    { op: 'GlobalAveragePool', inputs: [value], outputs: ['pooled'] },
    { op: 'Flatten', inputs: ['pooled'], outputs: ['embedding'], attributes: { axis: 1 } },
    { op: 'Gemm', inputs: ['embedding', 'densew', 'denseb'], outputs: ['logits'] },
    { op: 'Sigmoid', inputs: ['logits'], outputs: ['scores'] },
  );
  weights.push(
    randomTensor('densew', [channels, CLASSES], random),
    randomTensor('denseb', [CLASSES], random),
  );
  multiplyAdds += channels * CLASSES;
  const bytes = writeOnnx({
    nodes,
    weights,
    inputs: [{ name: 'logmel', dims: ['n', 1, FRAMES, BANDS] }],
    outputs: [{ name: 'scores', dims: ['n', CLASSES] }],
    opset: 17,
  });
  return {
    bytes,
    weights: weights.reduce((sum, { values }) => sum + values.length, 0),
    multiplyAdds,
    patchElements: FRAMES * BANDS,
    inputDims: [1, FRAMES, BANDS],
  };
}

/** Scaled so that activations neither die nor explode: denormals would cost time of their own. */
function randomTensor(name: string, dims: readonly number[], random: Random): OnnxTensor {
  const count = dims.reduce((product, dim) => product * dim, 1);
  const inputs = dims.length > 1 ? count / dims[0] : 100;
  const scale = Math.sqrt(6 / (dims.length === 2 ? dims[0] : inputs));
  return { name, dims, values: Float32Array.from({ length: count }, () => scale * random.white()) };
}
