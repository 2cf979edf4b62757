import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { ClameurError } from '../config/index.js';

const words = z.string().trim().min(3);

/** What only the operator can say. Clameur checks that it is there, not that it is true or lawful. */
export const operatorRecordSchema = z.strictObject({
  controller: z.strictObject({ name: words, contact: words }),
  dataProtectionOfficer: z.strictObject({ name: words.optional(), contact: words }).optional(),
  purpose: words,
  /** The law or deliberation that the operator relies on, in the operator's own words. */
  legalBasis: words,
  /** Who gets the events. */
  recipients: z.array(words).min(1),
  /** Of the impact assessment. */
  impactAssessment: z.strictObject({ date: z.iso.date(), reference: words }),
  /** Where people are told: signs, a page. */
  information: words.optional(),
  /** Last day for which all this holds. */
  until: z.iso.date(),
});
export type OperatorRecord = z.output<typeof operatorRecordSchema>;

/** Throws TRANSPARENCY_INVALID, which names the field. */
export async function readOperatorRecord(file: string): Promise<OperatorRecord> {
  let content: unknown;
  try {
    content = parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new ClameurError('TRANSPARENCY_INVALID', { file, problem: (cause as Error).message }, { cause });
  }
  const read = operatorRecordSchema.safeParse(content);
  if (read.success) return read.data;
  const problem = read.error.issues
    .map(({ path, message }) => `${path.join('.') || 'the document'}: ${message}`)
    .join('; ');
  throw new ClameurError('TRANSPARENCY_INVALID', { file, problem });
}

/**
 * The operator's record, as the mode demands it. In production it must be there and not have run out: throws
 * TRANSPARENCY_MISSING or TRANSPARENCY_EXPIRED.
 */
export async function demandOperatorRecord(
  mode: 'development' | 'production',
  file: string | undefined,
  nowMillis: number,
): Promise<OperatorRecord | undefined> {
  const record = file === undefined ? undefined : await readOperatorRecord(file);
  if (mode !== 'production') return record;
  if (!record) throw new ClameurError('TRANSPARENCY_MISSING');
  const today = new Date(nowMillis).toISOString().slice(0, 10);
  if (record.until < today) throw new ClameurError('TRANSPARENCY_EXPIRED', { file, until: record.until });
  return record;
}
