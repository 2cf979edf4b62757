import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { ClameurError } from '../config/index.js';
import { SAMPLE_RATE_HZ } from '../audio/index.js';

const probability = z.number().min(0).max(1);

/** The JSON beside the ONNX file. Unknown keys are kept for the model card's sake and ignored here. */
const sidecarSchema = z.looseObject({
  name: z.string().min(1),
  version: z.string().min(1),
  classes: z.array(z.string().min(1)).min(1),
  sampleRateHz: z.literal(SAMPLE_RATE_HZ),
  patchSeconds: z.number().positive().max(2),
  hopSeconds: z.number().positive().max(2),
  thresholds: z.record(
    z.string(),
    z
      .looseObject({ on: probability, off: probability, alone: probability })
      .refine(({ on, off, alone }) => off <= on && on <= alone, 'must have off <= on <= alone'),
  ),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hex digits'),
});

/** Scores at which a class starts and ends to count at one pole, and at which one pole is enough. */
export interface ClassThresholds {
  on: number;
  off: number;
  alone: number;
}

/** A model that was read and found to be what its sidecar says. */
export interface Model {
  name: string;
  version: string;
  /** Of the ONNX file, as checked. */
  sha256: string;
  /** In the order of the outputs. */
  classes: readonly string[];
  patchSeconds: number;
  patchSamples: number;
  hopSeconds: number;
  thresholds: Readonly<Record<string, ClassThresholds>>;
  /** What else its sidecar tells for people: licence, where it was trained on. */
  card?: Readonly<Record<string, unknown>>;
  /** The ONNX file, as checked: the very bytes that are run. */
  bytes: Uint8Array;
}

/** The package's own folder: two up from this file, in `src/` as in `dist/`. */
export const PACKAGE_ROOT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Reads a model by its sidecar (default: the one in the package's `models/`), and refuses one whose hash differs.
 * Throws MODEL_MISSING, MODEL_INVALID or MODEL_HASH_MISMATCH.
 */
export async function loadModel(sidecarFile?: string): Promise<Model> {
  const file = sidecarFile ?? (await findSidecar(join(PACKAGE_ROOT, 'models')));
  const sidecar = await readSidecar(file);
  const onnxFile = file.replace(/\.json$/, '.onnx');
  const bytes = await readFile(onnxFile).catch((cause: unknown) => {
    throw new ClameurError('MODEL_MISSING', { file: onnxFile }, { cause });
  });
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== sidecar.sha256) {
    throw new ClameurError('MODEL_HASH_MISMATCH', {
      file: onnxFile,
      found: sha256,
      expected: sidecar.sha256,
      sidecar: file,
    });
  }
  return {
    name: sidecar.name,
    version: sidecar.version,
    sha256,
    classes: sidecar.classes,
    patchSeconds: sidecar.patchSeconds,
    patchSamples: Math.round(sidecar.patchSeconds * SAMPLE_RATE_HZ),
    hopSeconds: sidecar.hopSeconds,
    thresholds: sidecar.thresholds,
    card: cardOf(sidecar),
    bytes,
  };
}

function cardOf(sidecar: z.infer<typeof sidecarSchema>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(sidecar).filter(([key]) => !(key in sidecarSchema.shape)));
}

/** The only *.json in the folder that has an .onnx beside it. */
async function findSidecar(folder: string): Promise<string> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new ClameurError('MODEL_MISSING', { file: folder }, { cause });
  });
  const found = names.filter(
    (name) => name.endsWith('.json') && names.includes(name.replace(/json$/, 'onnx')),
  );
  if (found.length === 0) throw new ClameurError('MODEL_MISSING', { file: join(folder, '*.onnx') });
  if (found.length > 1) {
    const problem = `there are ${found.length} models in the folder (${found.join(', ')}); name one by model.path`;
    throw new ClameurError('MODEL_INVALID', { file: folder, problem });
  }
  return join(folder, found[0]);
}

async function readSidecar(file: string): Promise<z.infer<typeof sidecarSchema>> {
  if (!file.endsWith('.json')) {
    const problem = 'name the sidecar (.json), not the ONNX file beside it';
    throw new ClameurError('MODEL_INVALID', { file, problem });
  }
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new ClameurError('MODEL_MISSING', { file }, { cause });
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new ClameurError('MODEL_INVALID', { file, problem: 'is not JSON' }, { cause });
  }
  const read = sidecarSchema.safeParse(json);
  if (!read.success) {
    const issue = read.error.issues[0];
    const problem = `${issue.path.join('.') || 'the document'}: ${issue.message}`;
    throw new ClameurError('MODEL_INVALID', { file, problem });
  }
  return read.data;
}
