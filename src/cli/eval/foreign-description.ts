import { z } from 'zod';
import { ClameurError, EVENT_CLASSES } from '../../config/index.js';

const probability = z.number().min(0).max(1);
const thresholdsSchema = z.record(
  z.string(),
  z.object({ on: probability, off: probability, alone: probability }),
);
const descriptionSchema = z.looseObject({
  name: z.string().min(1).optional(),
  version: z.string().min(1).optional(),
  sampleRateHz: z.int().min(8000).max(48_000).optional(),
  patchSamples: z.int().positive().optional(),
  hopSeconds: z.number().positive().max(2).optional(),
  output: z.string().optional(),
  activation: z.enum(['none', 'sigmoid', 'softmax']).optional(),
  outputs: z.record(z.string(), z.array(z.int().nonnegative()).min(1)),
  thresholds: thresholdsSchema.optional(),
});

/**
 * What must be known of another's model to measure it beside ours: a JSON beside the `.onnx` with `outputs`, the
 * indexes that speak for each class (the highest counts); and where the graph does not say it, the rate and the length
 * of a patch.
 */
export type ForeignDescription = z.infer<typeof descriptionSchema>;

/** Throws MODEL_INVALID. */
export function parseDescription(json: unknown, file: string): ForeignDescription {
  const read = descriptionSchema.safeParse(json);
  if (!read.success) {
    const issue = read.error.issues[0];
    throw new ClameurError('MODEL_INVALID', {
      file,
      problem: `${issue.path.join('.') || 'the document'}: ${issue.message}`,
    });
  }
  const alerts: readonly string[] = EVENT_CLASSES;
  if (!Object.keys(read.data.outputs).some((name) => alerts.includes(name)))
    throw new ClameurError('MODEL_INVALID', {
      file,
      problem: `outputs: none of ${EVENT_CLASSES.slice(0, 3).join(', ')} is named`,
    });
  return read.data;
}

/** `gunshot=421+422,explosion=420` as a description's `outputs`. */
export function parseOutputs(text: string): Record<string, number[]> {
  return Object.fromEntries(
    text.split(',').map((part) => {
      const [name, indexes = ''] = part.split('=');
      return [name.trim(), indexes.split('+').map((index) => (index.trim() === '' ? -1 : Number(index)))];
    }),
  );
}
