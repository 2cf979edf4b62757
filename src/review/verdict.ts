import { z } from 'zod';
import { ClameurError, EVENT_CLASSES } from '../config/index.js';

export const VERDICTS = ['confirmed', 'dismissed', 'unsure'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** What it was instead; the operator's words go into `note`. */
export const VERDICT_REASONS = ['fireworks', 'backfire', 'construction', 'thunder', 'other'] as const;

/** Ids are 16 hexadecimal digits today; the pattern keeps anything else from becoming part of a subject. */
const incidentId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be the incidentId of an event');

const given = {
  incidentId,
  verdict: z.enum(VERDICTS),
  reason: z.enum(VERDICT_REASONS).optional(),
  operator: z.string().trim().min(1).max(64).optional(),
  note: z.string().trim().max(500).optional(),
};

/** What an operator sends. Closed: a misspelt key must not be lost in silence. */
export const verdictRequestSchema = z.strictObject(given);
export type VerdictRequest = z.output<typeof verdictRequestSchema>;

/** What is kept for a year in VERDICTS: the verdict, and of the incident what measured precision needs, no more. */
export const recordedVerdictSchema = z.object({
  ...given,
  at: z.iso.datetime(),
  site: z.string(),
  incident: z.object({
    class: z.enum(EVENT_CLASSES),
    onset: z.iso.datetime(),
    confidence: z.number(),
    revision: z.int().describe('The revision that the verdict was given on'),
    /** The nearest pole that took part, and its score. */
    pole: z.string().optional(),
    score: z.number().optional(),
    polesHeard: z.int(),
    zone: z.string().optional(),
    exercise: z.boolean(),
  }),
});
export type RecordedVerdict = z.output<typeof recordedVerdictSchema>;

/** Throws VERDICT_INVALID, which names the field and what it may be. */
export function parseVerdict(input: unknown): VerdictRequest {
  const read = verdictRequestSchema.safeParse(input);
  if (read.success) return read.data;
  const problem = read.error.issues
    .map(({ path, message }) => (path.length > 0 ? `${path.join('.')}: ${message}` : message))
    .join('; ');
  throw new ClameurError('VERDICT_INVALID', { problem });
}

/** A verdict of ours from its JSON in VERDICTS; undefined where it is not one. */
export function readVerdict(text: string): RecordedVerdict | undefined {
  try {
    const read = recordedVerdictSchema.safeParse(JSON.parse(text));
    return read.success ? read.data : undefined;
  } catch {
    return undefined;
  }
}
