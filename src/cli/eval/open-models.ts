import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { ClameurError } from '../../config/index.js';
import { loadModel, startClassifier, type Classifier } from '../../listen/index.js';
import { foreignClassifier } from './foreign-classifier.js';
import { openForeign } from './foreign-model.js';
import { parseDescription, parseOutputs } from './foreign-description.js';

/** What the command line says of models without a JSON beside them. */
export interface ModelOptions {
  outputs?: string;
  rateHz?: number;
  patchSamples?: number;
}

/** A model that is measured; `label` tells it from the others of the run. */
export interface NamedClassifier {
  label: string;
  classifier: Classifier;
}

/**
 * Opens the models to measure, none named: the one that ships. A `.json` is a sidecar; of an `.onnx` the sidecar beside
 * it is read, and without one the options say what its outputs mean. Ours run as in the service, in a thread of their
 * own; a sidecar with `outputs` makes it another's.
 */
export async function openModels(
  files: readonly string[],
  options: ModelOptions,
): Promise<NamedClassifier[]> {
  const opened: NamedClassifier[] = [];
  for (const file of files.length > 0 ? files : [undefined]) {
    const classifier = await openModel(file, options);
    const { name, version } = classifier.model;
    const label = version === '0' ? name : `${name} ${version}`;
    const twins = opened.filter((one) => one.label.replace(/ #\d+$/, '') === label).length;
    opened.push({ label: twins > 0 ? `${label} #${twins + 1}` : label, classifier });
  }
  return opened;
}

async function openModel(file: string | undefined, options: ModelOptions): Promise<Classifier> {
  if (file === undefined) return startClassifier(await loadModel());
  const sidecar = file.replace(/\.onnx$/, '.json');
  const onnx = file.replace(/\.json$/, '.onnx');
  if (!existsSync(onnx)) throw new ClameurError('MODEL_MISSING', { file: onnx });
  let description: unknown;
  if (options.outputs !== undefined && file.endsWith('.onnx') && !existsSync(sidecar)) {
    description = {
      outputs: parseOutputs(options.outputs),
      ...(options.rateHz !== undefined && { sampleRateHz: options.rateHz }),
      ...(options.patchSamples !== undefined && { patchSamples: options.patchSamples }),
    };
  } else if (!existsSync(sidecar)) {
    const problem = `there is no ${sidecar} beside it; write one, or say what its outputs mean: --outputs gunshot=421+422,explosion=420`;
    throw new ClameurError('MODEL_INVALID', { file: onnx, problem });
  } else {
    description = await readJson(sidecar);
    const ours = typeof description !== 'object' || description === null || !('outputs' in description);
    if (ours) return startClassifier(await loadModel(sidecar));
  }
  const bytes = await readFile(onnx);
  return foreignClassifier(await openForeign(onnx, bytes, parseDescription(description, sidecar)));
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new ClameurError('MODEL_INVALID', { file, problem: 'is not JSON' }, { cause });
  }
}
