import { z } from 'zod';
import { EVENT_CLASSES } from '../../config/index.js';
import { eventDataSchema } from '../../publish/index.js';
import { recordedVerdictSchema } from '../../review/index.js';

const name = z.string();
const seconds = z.number().nonnegative();
const time = z.string().meta({ format: 'date-time' });
const counts = z.record(z.string(), z.int().nonnegative());
const position = z.array(z.number()).min(2).max(3).describe('[lon, lat], WGS 84');
const data = eventDataSchema.shape;

const readyPart = z.strictObject({ ready: z.boolean(), reason: z.string().optional() });
const ready = z.strictObject({ model: readyPart, nats: readyPart, feeds: readyPart });
const modelIdentity = z.strictObject({ name, version: z.string(), sha256: z.string() });

const pole = z.strictObject({
  pole: name,
  position,
  recorded: z.boolean().describe('false: has no feed here'),
  state: z.enum(['waiting', 'live', 'stalled', 'failed']),
  reason: z.string().optional(),
  lastFrameAgeSeconds: seconds.optional().describe('Absent before the first frame'),
  clockUncertaintySeconds: seconds.optional().describe('1 sigma; absent: unknown'),
  frames: z.int().nonnegative(),
  framesDropped: z.int().nonnegative(),
  trouble: counts.optional().describe('Dropped frames by reason, and what was not continuous by kind'),
  levelDb: z.number().optional().describe('Of the last second: dB SPL where calibrated, else dBFS'),
  peakDb: z.number().optional(),
  noiseFloorDb: z.number().optional().describe('What nine seconds of ten are louder than, over 5 minutes'),
});

const summary = z.strictObject({
  incidentId: data.incidentId,
  revision: data.revision,
  state: z.enum(['open', 'closed']),
  class: data.class,
  confidence: data.confidence,
  onset: data.onset,
  method: data.method,
  location: position.optional(),
  accuracy: data.accuracy,
  area: z.array(position).optional().describe('Corners of a crowd’s area'),
  bearingDegrees: data.bearingDegrees,
  levelDb: data.levelDb,
  polesHeard: data.polesHeard,
  polesSilent: data.polesSilent,
  poles: z.array(name).describe('The nearest 12'),
  shots: z.int().optional(),
  automatic: z.boolean().optional(),
  review: data.review,
  exercise: data.exercise,
  latencySeconds: z.number().optional(),
});

const event = z.strictObject({
  specversion: z.literal('1.0'),
  id: z.string(),
  type: z.enum(['detected', 'updated', 'closed'].map((change) => `clameur.incident.${change}.v1`)),
  source: z.string(),
  subject: z.string(),
  time,
  datacontenttype: z.literal('application/json'),
  data: eventDataSchema,
});

const thresholds = z.record(z.string(), z.object({ on: z.number(), off: z.number(), alone: z.number() }));
const perClass = z.partialRecord(z.enum(EVENT_CLASSES), z.int().nonnegative());
const bySecond = <T extends z.ZodRawShape>(values: T) => z.array(z.strictObject({ at: time, ...values }));

/** What `/api/v1` answers, by the name in the OpenAPI document. A test holds real answers against them. */
export const SCHEMAS = {
  Error: z.strictObject({ code: z.string(), message: z.string() }),
  Pole: pole,
  Poles: z.strictObject({ poles: z.array(pole) }),
  PoleLevels: z.strictObject({
    scores: z.strictObject({
      classes: z.array(name),
      seconds: bySecond({ scores: z.array(z.number().min(0).max(1)) }),
    }),
    thirdOctaves: z.strictObject({
      bandsHz: z.array(z.number()),
      seconds: bySecond({ levelsDb: z.array(z.number()) }),
    }),
  }),
  Status: z.strictObject({
    version: z.string(),
    site: name,
    exercise: z.boolean(),
    now: time,
    ready,
    model: modelIdentity.optional(),
    outbox: z.strictObject({ state: z.string(), messages: z.int(), oldestAgeSeconds: seconds }),
    poles: z.array(pole),
    incidents: z.array(summary).describe('The newest 50'),
  }),
  Site: z.strictObject({
    type: z.literal('FeatureCollection'),
    properties: z.strictObject({ site: name }),
    features: z.array(
      z.strictObject({
        type: z.literal('Feature'),
        geometry: z.strictObject({ type: z.literal('Point'), coordinates: position }),
        properties: z.strictObject({
          pole: name,
          recorded: z.boolean(),
          positionUncertaintyMeters: z.number(),
        }),
      }),
    ),
  }),
  Incidents: z.strictObject({
    incidents: z.array(summary).describe('The newest onset first'),
    next: z.string().optional().describe('The cursor of the next page; absent: this was the last'),
    complete: z.boolean().describe('false: the service has just started and still reads EVENTS'),
  }),
  Life: z.strictObject({ events: z.array(event).describe('By revision') }),
  Statistics: z.strictObject({
    total: z.int(),
    byClass: perClass,
    byVerdict: counts,
    timeline: z.strictObject({
      stepSeconds: z.int(),
      bars: z.array(z.strictObject({ from: time, byClass: perClass })),
    }),
    density: z.strictObject({
      cellDegrees: z.array(z.number()).length(2),
      cells: z.array(z.array(z.number()).length(3)).describe('[lon, lat, count], the south-west corner'),
    }),
  }),
  GeoJson: z.strictObject({
    type: z.literal('FeatureCollection'),
    features: z.array(
      z.strictObject({
        type: z.literal('Feature'),
        id: z.string(),
        geometry: z.union([
          z.null(),
          z.strictObject({ type: z.literal('Point'), coordinates: position }),
          z.strictObject({ type: z.literal('Polygon'), coordinates: z.array(z.array(position)) }),
        ]),
        properties: summary.omit({ location: true, area: true }),
      }),
    ),
  }),
  About: z.strictObject({
    version: z.string(),
    site: name,
    exercise: z.boolean(),
    model: modelIdentity
      .extend({ classes: z.array(name), thresholds, card: z.record(z.string(), z.unknown()).optional() })
      .optional(),
    keeps: z
      .strictObject({
        soundSeconds: z.number(),
        detectionsMinutes: z.number(),
        eventsDays: z.number(),
        verdictsDays: z.number(),
        replayReportsMinutes: z.number(),
      })
      .describe('How long what is kept'),
    history: z.strictObject({ incidents: z.int(), complete: z.boolean() }),
  }),
  Verdict: z.strictObject({
    verdict: recordedVerdictSchema.shape.verdict,
    reason: recordedVerdictSchema.shape.reason,
    note: recordedVerdictSchema.shape.note,
  }),
  RecordedVerdict: recordedVerdictSchema,
  Replay: z.union([
    z.strictObject({
      id: z.string(),
      name,
      state: z.literal('running'),
      progress: z.strictObject({ doneSeconds: seconds, totalSeconds: seconds }),
    }),
    z.strictObject({ id: z.string(), name, state: z.literal('done'), report: z.string() }),
    z.strictObject({
      id: z.string(),
      name,
      state: z.literal('failed'),
      error: z.strictObject({ code: z.string(), message: z.string() }),
    }),
  ]),
  ReplayReport: z
    .looseObject({
      name,
      site: name,
      version: z.string(),
      model: modelIdentity,
      thresholds,
      startsAt: time,
      seconds,
      poles: z.array(z.strictObject({ pole: name, position: position.optional(), recorded: z.boolean() })),
      tracks: z.array(z.looseObject({ pole: name, file: z.string(), fromSeconds: z.number() })),
      events: z.array(z.strictObject({ event, afterSeconds: seconds })),
      best: z.array(z.strictObject({ class: name, score: z.number(), pole: name, seconds: z.number() })),
      failures: z.array(z.strictObject({ code: z.string(), message: z.string() })),
    })
    .describe('What was heard in a recording, where and why, with what a page needs to draw it'),
} satisfies Record<string, z.ZodType>;

export type SchemaName = keyof typeof SCHEMAS;
