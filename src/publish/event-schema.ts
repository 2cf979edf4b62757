import { z } from 'zod';
import { EVENT_CLASSES, TOKEN } from '../config/index.js';

/** RFC 3339, UTC, microseconds. A plain pattern, so that validators of every language read it alike. */
const time = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
  .meta({ format: 'date-time' });
const seconds = z.number().nonnegative();
const meters = z.number().nonnegative();
const probability = z.number().min(0).max(1);
const degrees = z.number().min(0).max(360);
const position = z
  .tuple([z.number().min(-180).max(180), z.number().min(-90).max(90)])
  .describe('[lon, lat], WGS 84');

const point = z.strictObject({ type: z.literal('Point'), coordinates: position });
const polygon = z.strictObject({
  type: z.literal('Polygon'),
  coordinates: z.array(z.array(position).min(4)).length(1),
});

const accuracy = z.strictObject({
  semiMajorMeters: meters,
  semiMinorMeters: meters,
  azimuthDegrees: degrees.describe('Of the major axis, clockwise from north'),
  confidenceLevel: z.literal(0.95),
});

const weather = z.strictObject({
  temperatureC: z.number().optional(),
  relativeHumidity: z.number().min(0).max(100).optional(),
  windSpeed: z.number().nonnegative().optional().describe('m/s'),
  windFromDegrees: degrees.optional(),
});

const pole = z.strictObject({
  pole: z.string().regex(TOKEN),
  arrival: time,
  clockUncertaintySeconds: seconds.optional().describe('1 sigma; absent: unknown'),
  score: probability,
  snrDb: z.number().optional(),
  residualSeconds: z.number().optional().describe('Measured minus predicted arrival'),
  features: z
    .record(z.string().max(32), z.number())
    .optional()
    .describe('At most a dozen scalars over the whole detection, for the nearest 4'),
});

const reason = z.strictObject({
  class: z.string().max(64).describe('A runner-up class, or another kind of evidence'),
  score: probability.optional(),
  text: z.string(),
});

const latency = z
  .strictObject({
    transport: z.number().optional().describe('From the deciding arrival to its frame being here'),
    listen: z.number().optional().describe('From there to the detection'),
    locate: z.number().optional().describe('From there to the incident’s step'),
    publish: z.number().optional().describe('From there to this message'),
    total: z.number().optional().describe('From the deciding arrival to this message'),
  })
  .describe('Seconds by stage; live only');

/** The closed schema of an event's `data`. What is unknown is absent, never null. */
export const eventDataSchema = z.strictObject({
  incidentId: z.string().min(1).max(64),
  revision: z.int().min(1).describe('Hubs order by it'),
  state: z
    .enum(['open', 'closed'])
    .optional()
    .describe('closed: no more sound belongs to it; an update may still follow'),
  class: z.enum(EVENT_CLASSES),
  confidence: probability.describe('Calibrated'),
  onset: time.describe('Emission at the source when located, else the first arrival'),
  onsetUncertaintySeconds: seconds.optional(),
  durationSeconds: seconds.optional(),
  method: z.enum(['multilateration', 'bearing', 'nearest_pole', 'none']),
  location: point.optional(),
  accuracy: accuracy.optional(),
  insideHull: z.boolean().optional(),
  conditionNumber: z.number().nonnegative().optional(),
  bearingDegrees: degrees.optional(),
  bearingUncertaintyDegrees: z.number().nonnegative().optional(),
  area: polygon.optional(),
  weather: weather.optional(),
  shots: z
    .strictObject({ count: z.int().min(1), times: z.array(time).max(50).optional(), automatic: z.boolean() })
    .optional(),
  levelDb: z.number().optional(),
  polesHeard: z.int().nonnegative(),
  polesSilent: z.int().nonnegative(),
  poles: z.array(pole).max(12).describe('The nearest that took part'),
  reasons: z.array(reason).max(8).optional(),
  review: z
    .strictObject({
      state: z.enum(['confirmed', 'dismissed', 'unsure']),
      reason: z.string().max(200).optional(),
      at: time,
    })
    .optional(),
  model: z.strictObject({ name: z.string(), version: z.string(), sha256: z.string() }),
  latencySeconds: latency.optional(),
  recurrence: z
    .int()
    .min(2)
    .optional()
    .describe('How often this very content has come, where it came back after another'),
  audioRetained: z.literal(false),
  exercise: z.boolean(),
});

export type EventData = z.output<typeof eventDataSchema>;
export type PoleData = EventData['poles'][number];
export type Review = NonNullable<EventData['review']>;
export type LatencySeconds = NonNullable<EventData['latencySeconds']>;

/** JSON Schema 2020-12 of `data`; event.schema.json is this, and a test finds it stale. */
export function eventJsonSchema(): Record<string, unknown> {
  return { title: 'Clameur incident, data of an event, v1', ...z.toJSONSchema(eventDataSchema) };
}
