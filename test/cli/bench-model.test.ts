import { describe, expect, it } from 'vitest';
import { costsOf } from '../../src/cli/bench/cpu-time.js';
import { FULL_BATCH, MODEL_BATCHES, frontEnd, modelTotals } from '../../src/cli/bench/model-report.js';
import { nodeTimes, timeNodes } from '../../src/cli/bench/node-times.js';
import { yamnetSized } from '../../src/cli/bench/yamnet-sized.js';
import ort from 'onnxruntime-node';

const node = (name: string, op: string, dur: number, inputs: number[][], outputs: number[][]) => ({
  cat: 'Node',
  name: `${name}_kernel_time`,
  dur,
  args: {
    op_name: op,
    input_type_shape: inputs.map((float) => ({ float })),
    output_type_shape: outputs.map((float) => ({ float })),
  },
});

describe('what ONNX Runtime’s profile tells', () => {
  it.each([
    [
      'a matrix product whose weights were packed ahead',
      'MatMul',
      [[16, 62, 128]],
      [16, 62, 118],
      16 * 62 * 118 * 128,
    ],
    ['a dense layer', 'FusedGemm', [[16, 768], [20]], [16, 20], 16 * 20 * 768],
    [
      'a convolution',
      'Conv',
      [[16, 32, 16, 16], [64, 32, 3, 3], [64]],
      [16, 64, 8, 8],
      16 * 64 * 8 * 8 * 32 * 9,
    ],
    [
      'a depthwise convolution',
      'Conv',
      [
        [1, 64, 48, 32],
        [64, 1, 3, 3],
      ],
      [1, 64, 48, 32],
      64 * 48 * 32 * 9,
    ],
    [
      'an addition',
      'Add',
      [
        [16, 4],
        [16, 4],
      ],
      [16, 4],
      0,
    ],
  ])('counts the multiply-adds of %s', (_, op, inputs, output, expected) => {
    expect(nodeTimes([node('n', op, 5, inputs, [output])])[0].multiplyAdds).toBe(expected);
  });

  it('leaves the first run out, which still allocates', () => {
    const entries = [900, 10, 20].map((dur) => node('n', 'Add', dur, [[1]], [[1]]));
    expect(nodeTimes(entries)).toMatchObject([{ name: 'n', op: 'Add', micros: 15 }]);
  });

  it('agrees with the count made while a network is built', async () => {
    const { bytes, inputDims, patchElements, multiplyAdds } = yamnetSized();
    const input = new ort.Tensor('float32', new Float32Array(patchElements), [1, ...inputDims]);
    const nodes = await timeNodes(bytes, input);
    expect(nodes.reduce((sum, one) => sum + one.multiplyAdds, 0)).toBe(multiplyAdds);
  });

  it('takes for the front end what is named so, else what comes before the first convolution', () => {
    const named = [{ name: '/front/Conv', op: 'Conv', micros: 1, multiplyAdds: 0 }, ...plain('/trunk/')];
    expect(frontEnd(named).map(({ name }) => name)).toEqual(['/front/Conv']);
    expect(frontEnd(plain('')).map(({ op }) => op)).toEqual(['MatMul', 'Log']);
  });
});

function plain(prefix: string) {
  return ['MatMul', 'Log', 'FusedConv', 'Gemm'].map((op) => ({
    name: prefix + op,
    op,
    micros: 1,
    multiplyAdds: 8,
  }));
}

describe('the bar on the model', () => {
  const totals = (patchMillis: number, hopSeconds: number) =>
    modelTotals({
      model: { name: 'm', version: '1', hopSeconds },
      costs: new Map(
        [...MODEL_BATCHES.map((rows) => `model ${rows}`), 'yamnet 1', `yamnet ${FULL_BATCH}`, 'peak'].map(
          (name) => [name, { millis: patchMillis, bestMillis: patchMillis / 2 }],
        ),
      ),
      nodes: plain(''),
      comparison: { multiplyAdds: 1 },
      peakMultiplyAdds: 1e9,
      processor: '',
    });

  it('is on a second of sound, so a longer hop halves the cost', () => {
    expect(totals(0.5, 0.5)).toMatchObject({
      millisPerSecondOfSound: 1,
      failures: [expect.stringContaining('1.00 ms')],
    });
    expect(totals(0.5, 1)).toMatchObject({ millisPerSecondOfSound: 0.5, frontEndShare: 0.5, failures: [] });
  });
});

it('jobs that take turns each get a cost per unit of work', async () => {
  const spin = (units: number) => ({
    name: String(units),
    units,
    run: () => void Array.from({ length: 1e5 }, Math.sqrt),
  });
  const costs = await costsOf([spin(1), spin(1000)], 3);
  expect(costs.get('1')!.millis).toBeGreaterThan(costs.get('1000')!.millis);
});
