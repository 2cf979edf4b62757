import { z } from 'zod';
import { parseTime } from '../audio/index.js';
import { ClameurError, EVENT_CLASSES } from '../config/index.js';
import { isSourceKind, SOURCE_KINDS } from './sources/index.js';

const place = z.tuple([z.number().min(-180).max(180), z.number().min(-90).max(90)]);
const levelDb = z.number().min(0).max(220);

const sourceSchema = z.strictObject({
  kind: z
    .string()
    .refine(isSourceKind, { error: `is no kind of source; there are ${SOURCE_KINDS.join(', ')}` })
    .optional()
    .describe('What to synthesise; or `recording`'),
  recording: z.string().optional().describe('Audio file to use as the source, instead of `kind`'),
  at: place.describe('[lon, lat]'),
  atSeconds: z.number().nonnegative().describe('When it begins, seconds from the scene’s start'),
  seconds: z.number().positive().max(600).optional(),
  shots: z.int().min(1).max(200).optional(),
  automatic: z.boolean().optional(),
  gun: z.enum(['pistol', 'rifle', 'shotgun']).optional(),
  peakDbSpl: levelDb.optional().describe('Peak at 1 m'),
  meanDbSpl: levelDb.optional().describe('Mean level at 1 m, lasting sounds'),
  tauSeconds: z.number().min(0.0005).max(0.3).optional().describe('Positive phase of an explosion'),
  voices: z.int().min(1).max(200).optional(),
  mood: z.enum(['shouting', 'chanting', 'cheering', 'mixed']).optional(),
  rateHz: z.number().positive().max(20).optional().describe('Fireworks: shells a second'),
  slams: z.int().min(1).max(50).optional(),
  passBy: z.boolean().optional(),
  backfires: z.int().min(0).max(20).optional(),
  expect: z
    .strictObject({
      class: z.enum(EVENT_CLASSES).optional(),
      location: z.boolean().optional(),
      shots: z.boolean().optional(),
      accuracyMeters: z.number().nonnegative().optional(),
    })
    .or(z.literal(false))
    .optional()
    .describe(
      'What the scene’s truth says of it; false: nothing. Default: what it is, for the event classes',
    ),
});

const sceneSpecSchema = z.strictObject({
  name: z.string().min(1),
  seed: z.union([z.string(), z.number()]),
  start: z.string().describe('RFC 3339 UTC of the first sample'),
  seconds: z.number().positive().max(3600),
  rateHz: z.int().min(8000).max(48_000).default(16_000),
  weather: z
    .strictObject({
      temperatureC: z.number().min(-40).max(50).optional(),
      relativeHumidity: z.number().min(5).max(100).optional(),
      windSpeed: z.number().min(0).max(60).optional(),
      windFromDegrees: z.number().min(0).max(360).optional(),
    })
    .default({}),
  tellWeather: z.boolean().default(true).describe('Whether scene.json tells the weather'),
  backgroundDbSpl: levelDb.default(48).describe('The town’s noise at every pole'),
  ambience: z
    .array(
      z.strictObject({ kind: z.enum(['rain', 'wind', 'traffic', 'speech', 'music']), meanDbSpl: levelDb }),
    )
    .default([])
    .describe('Sounds at every pole, another one at each'),
  echoes: z.boolean().default(true),
  clockUncertaintySeconds: z.number().nonnegative().default(0.0005),
  clockErrorSeconds: z.number().nonnegative().default(0.0005).describe('1σ of the poles’ true clock errors'),
  poles: z.array(z.string()).optional().describe('The poles that record; default all'),
  sources: z.array(sourceSchema),
});

/** What a scene is made of. The same specification gives the same files, byte for byte. */
export type SceneSpec = z.infer<typeof sceneSpecSchema>;
export type SceneSource = z.infer<typeof sourceSchema>;

/** Reads a specification from JSON; throws SIMULATION_INVALID with the path of the offending value. */
export function parseSceneSpec(json: unknown, file = 'the specification'): SceneSpec {
  const read = sceneSpecSchema.safeParse(json);
  const problem = read.success ? timeProblem(read.data) : issueOf(read.error);
  if (problem) throw new ClameurError('SIMULATION_INVALID', { what: file, problem });
  return read.data!;
}

function issueOf(error: z.ZodError): string {
  const issue = error.issues[0];
  return `${issue.path.join('.') || 'the document'}: ${issue.message}`;
}

function timeProblem(spec: SceneSpec): string | undefined {
  try {
    parseTime(spec.start);
  } catch (error) {
    return `start: ${(error as Error).message}`;
  }
  for (const [i, source] of spec.sources.entries()) {
    if ((source.kind === undefined) === (source.recording === undefined)) {
      return `sources.${i}: give either a kind or a recording`;
    }
    if (source.atSeconds >= spec.seconds)
      return `sources.${i}: begins after the scene’s end (${spec.seconds} s)`;
  }
  return undefined;
}
