import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ort from 'onnxruntime-node';

/** One operator of a model as ONNX Runtime runs it, after its own optimisation. */
export interface NodeTime {
  name: string;
  op: string;
  /** Mean wall time of a run. */
  micros: number;
  /** Of a run; 0 for what multiplies no matrices. */
  multiplyAdds: number;
}

type Shapes = ReadonlyArray<Readonly<Record<string, readonly number[]>>>;
interface ProfileEntry {
  cat: string;
  name: string;
  dur: number;
  args: { op_name?: string; input_type_shape?: Shapes; output_type_shape?: Shapes };
}

const SUFFIX = '_kernel_time';
const RUNS = 20;

/** Runs the model under ONNX Runtime's own profiler on one thread, and tells its operators in the order they run. */
export async function timeNodes(bytes: Uint8Array, input: ort.Tensor): Promise<NodeTime[]> {
  const timed = await profile(bytes, input, RUNS);
  // Weights that the runtime packs ahead are missing from its profile, and 8-bit ones cannot be guessed from the rest.
  const plain = await profile(bytes, input, 1, { session: { disable_prepacking: '1' } });
  const counts = new Map(plain.map(({ name, multiplyAdds }) => [name, multiplyAdds]));
  return timed.map((node) => ({ ...node, multiplyAdds: counts.get(node.name) ?? node.multiplyAdds }));
}

async function profile(
  bytes: Uint8Array,
  input: ort.Tensor,
  runs: number,
  extra: Record<string, unknown> = {},
): Promise<NodeTime[]> {
  const folder = await mkdtemp(join(tmpdir(), 'clameur-bench-'));
  try {
    const session = await ort.InferenceSession.create(bytes, {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      enableProfiling: true,
      profileFilePrefix: join(folder, 'model'),
      extra,
    });
    for (let i = 0; i < runs; i++) await session.run({ [session.inputNames[0]]: input });
    session.endProfiling();
    await session.release();
    const [file] = await readdir(folder);
    return nodeTimes(JSON.parse(await readFile(join(folder, file), 'utf8')) as ProfileEntry[]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The operators of a profile, summed over its runs but the first, which still allocates. Pure. */
export function nodeTimes(entries: readonly ProfileEntry[]): NodeTime[] {
  const nodes = new Map<string, { entry: ProfileEntry; durations: number[] }>();
  for (const entry of entries) {
    if (entry.cat !== 'Node' || !entry.name.endsWith(SUFFIX)) continue;
    const node = nodes.get(entry.name) ?? { entry, durations: [] };
    node.durations.push(entry.dur);
    nodes.set(entry.name, node);
  }
  return [...nodes.values()].map(({ entry, durations }) => {
    const warm = durations.length > 1 ? durations.slice(1) : durations;
    return {
      name: entry.name.slice(0, -SUFFIX.length),
      op: entry.args.op_name ?? '',
      micros: warm.reduce((sum, one) => sum + one, 0) / warm.length,
      multiplyAdds: multiplyAdds(entry),
    };
  });
}

/** Of a convolution or a matrix product: the size of what comes out times the terms of each sum. */
function multiplyAdds({ args: { op_name: op = '', ...args } }: ProfileEntry): number {
  const inputs = (args.input_type_shape ?? []).map((one) => Object.values(one)[0]);
  const outputs = (args.output_type_shape ?? []).map((one) => Object.values(one)[0]);
  if (inputs.length === 0 || outputs.length === 0) return 0;
  const made = product(outputs[0]);
  // Weights that the runtime has packed ahead are missing from the list; the last axis is what is summed over.
  if (/MatMul|Gemm/.test(op)) return made * (inputs[0].at(-1) ?? 0);
  const weights = /Conv/.test(op)
    ? inputs.slice(1).find((dims) => dims.length === inputs[0].length)
    : undefined;
  return weights ? (made * product(weights)) / weights[0] : 0;
}

function product(dims: readonly number[]): number {
  return dims.reduce((all, dim) => all * dim, 1);
}
