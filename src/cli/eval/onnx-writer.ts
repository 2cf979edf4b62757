/**
 * As much of the ONNX format (onnx.proto3, IR version 8) as writes a graph of float tensors: for the comparison network
 * of `bench --model` and for tests, without a library of megabytes.
 */
export interface OnnxNode {
  op: string;
  inputs: readonly string[];
  outputs: readonly string[];
  /** Whole numbers only; lists become `ints`, text a string. */
  attributes?: Readonly<Record<string, number | readonly number[] | string>>;
}

export interface OnnxTensor {
  name: string;
  dims: readonly number[];
  /** float32, or int64 where given as bigints. */
  values: Float32Array | BigInt64Array;
}

export interface OnnxValue {
  name: string;
  /** A text stands for a dimension of any length. */
  dims: readonly (number | string)[];
}

export interface OnnxGraph {
  nodes: readonly OnnxNode[];
  weights: readonly OnnxTensor[];
  inputs: readonly OnnxValue[];
  outputs: readonly OnnxValue[];
  opset: number;
}

const FLOAT = 1;
const INT64 = 7;
const ATTRIBUTE_INT = 2;
const ATTRIBUTE_STRING = 3;
const ATTRIBUTE_INTS = 7;

/** The bytes of a `.onnx` file. */
export function writeOnnx({ nodes, weights, inputs, outputs, opset }: OnnxGraph): Uint8Array {
  const graph = [
    ...nodes.map((node) => message(1, nodeBytes(node))),
    text(2, 'graph'),
    ...weights.map((weight) => message(5, tensorBytes(weight))),
    ...inputs.map((value) => message(11, valueBytes(value))),
    ...outputs.map((value) => message(12, valueBytes(value))),
  ];
  return Buffer.concat([number(1, 8), message(7, graph), message(8, [text(1, ''), number(2, opset)])]);
}

function nodeBytes({ op, inputs, outputs, attributes = {} }: OnnxNode): Buffer[] {
  return [
    ...inputs.map((name) => text(1, name)),
    ...outputs.map((name) => text(2, name)),
    text(4, op),
    ...Object.entries(attributes).map(([name, value]) => message(5, attributeBytes(name, value))),
  ];
}

function attributeBytes(name: string, value: number | readonly number[] | string): Buffer[] {
  if (typeof value === 'number') return [text(1, name), number(3, value), number(20, ATTRIBUTE_INT)];
  if (typeof value === 'string') return [text(1, name), text(4, value), number(20, ATTRIBUTE_STRING)];
  return [text(1, name), ...value.map((one) => number(8, one)), number(20, ATTRIBUTE_INTS)];
}

function tensorBytes({ name, dims, values }: OnnxTensor): Buffer[] {
  return [
    ...dims.map((dim) => number(1, dim)),
    number(2, values instanceof Float32Array ? FLOAT : INT64),
    text(8, name),
    message(9, [Buffer.from(values.buffer, values.byteOffset, values.byteLength)]),
  ];
}

function valueBytes({ name, dims }: OnnxValue): Buffer[] {
  const shape = dims.map((dim) => message(1, [typeof dim === 'number' ? number(1, dim) : text(2, dim)]));
  return [text(1, name), message(2, [message(1, [number(1, FLOAT), message(2, shape)])])];
}

/** Wire type 0. */
function number(field: number, value: number): Buffer {
  return Buffer.concat([varint(field << 3), varint(value)]);
}

/** Wire type 2. */
function message(field: number, parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([varint((field << 3) | 2), varint(body.length), body]);
}

function text(field: number, value: string): Buffer {
  return message(field, [Buffer.from(value, 'utf8')]);
}

/** Seven bits a byte, the lowest first; not negative. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...bytes, rest]);
}
