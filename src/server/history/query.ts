import { z } from 'zod';
import { ClameurError, EVENT_CLASSES, TOKEN } from '../../config/index.js';
import type { IncidentIndex, IndexedIncident } from './incident-index.js';
import type { IncidentSummary } from './incident-summary.js';

const MAX_PAGE = 1000;
const VERDICTS = ['confirmed', 'dismissed', 'unsure', 'none'] as const;

const list = <T extends readonly [string, ...string[]]>(names: T) =>
  z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(names)).min(1));
const time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const bbox = z
  .string()
  .regex(/^-?[\d.]+(,-?[\d.]+){3}$/, 'must be west,south,east,north in degrees')
  .transform((text) => text.split(',').map(Number) as [number, number, number, number])
  .refine(
    ([west, south, east, north]) => west <= east && south <= north,
    'must have west <= east, south <= north',
  );

const filterSchema = z.strictObject({
  class: list(EVENT_CLASSES).optional(),
  from: time.optional(),
  to: time.optional(),
  bbox: bbox.optional(),
  pole: z.string().regex(TOKEN).optional(),
  minConfidence: z.coerce.number().min(0).max(1).optional(),
  verdict: list(VERDICTS).optional(),
  exercise: z.enum(['true', 'false']).optional(),
});
const pageSchema = filterSchema.extend({
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(100),
  cursor: z
    .string()
    .regex(/^\d+\.[\w-]{1,64}$/)
    .optional(),
});

export type IncidentFilter = z.output<typeof filterSchema>;
export type IncidentPage = z.output<typeof pageSchema>;

/** Throws QUERY_INVALID with the parameter and what is wrong with it. */
export function readFilter(query: unknown): IncidentFilter {
  return read(filterSchema, query);
}

export function readPage(query: unknown): IncidentPage {
  return read(pageSchema, query);
}

function read<S extends z.ZodType>(schema: S, query: unknown): z.output<S> {
  const result = schema.safeParse(query);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const parameter = issue.code === 'unrecognized_keys' ? issue.keys[0] : String(issue.path[0] ?? '');
  throw new ClameurError('QUERY_INVALID', { parameter, problem: issue.message });
}

/** One page, the newest onset first; `next` is the cursor of the page behind it. */
export function findPage(
  index: IncidentIndex,
  { limit, cursor, ...filter }: IncidentPage,
): { incidents: IncidentSummary[]; next?: string } {
  const incidents: IncidentSummary[] = [];
  let last: IndexedIncident | undefined;
  for (const incident of index.newestFirst(cursor === undefined ? undefined : readCursor(cursor))) {
    if (filter.from !== undefined && incident.onsetMillis < filter.from) break;
    if (!matches(incident, filter)) continue;
    if (incidents.length === limit)
      return { incidents, next: `${last!.onsetMillis}.${last!.summary.incidentId}` };
    incidents.push(incident.summary);
    last = incident;
  }
  return { incidents };
}

/** Every one that matches, the newest first. */
export function* findAll(index: IncidentIndex, filter: IncidentFilter): Generator<IndexedIncident> {
  for (const incident of index.newestFirst()) {
    if (filter.from !== undefined && incident.onsetMillis < filter.from) return;
    if (matches(incident, filter)) yield incident;
  }
}

function readCursor(cursor: string) {
  const dot = cursor.indexOf('.');
  return { onsetMillis: Number(cursor.slice(0, dot)), incidentId: cursor.slice(dot + 1) };
}

function matches({ summary, onsetMillis }: IndexedIncident, filter: IncidentFilter): boolean {
  if (filter.to !== undefined && onsetMillis > filter.to) return false;
  if (filter.class && !filter.class.includes(summary.class)) return false;
  if (filter.minConfidence !== undefined && summary.confidence < filter.minConfidence) return false;
  if (filter.exercise !== undefined && summary.exercise !== (filter.exercise === 'true')) return false;
  if (filter.verdict && !filter.verdict.includes(summary.review?.state ?? 'none')) return false;
  if (filter.pole !== undefined && !summary.poles.includes(filter.pole)) return false;
  if (filter.bbox && !isWithin(summary.location, filter.bbox)) return false;
  return true;
}

function isWithin(location: readonly [number, number] | undefined, bbox: readonly number[]): boolean {
  if (!location) return false;
  const [lon, lat] = location;
  return lon >= bbox[0] && lon <= bbox[2] && lat >= bbox[1] && lat <= bbox[3];
}
