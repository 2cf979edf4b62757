import { z } from 'zod';
import { parseTime, type Nanos } from '../audio/index.js';
import { EVENT_CLASSES, type EventClass } from './classes.js';
import { ClameurError } from './errors.js';
import { TOKEN } from './token.js';

/** What truly happened; what is missing is not checked. */
export interface Truth {
  class: EventClass;
  /** RFC 3339: the emission at the source where `location` is known, else the first arrival. */
  time?: string;
  shots?: number;
  /** [lon, lat]. */
  location?: readonly [number, number];
  accuracyMeters?: number;
}

/** Weather as in scenes and on `weather.<site>`; each may be missing. */
export interface SceneWeather {
  temperatureC?: number;
  /** 0 to 100. */
  relativeHumidity?: number;
  /** m/s. */
  windSpeed?: number;
  /** Where the wind comes from, degrees clockwise from north. */
  windFromDegrees?: number;
}

export interface SceneRecording {
  pole: string;
  /** As in scene.json: relative to its folder. */
  file: string;
  /** The file itself, where it lies on no disk; `file` then only names it. */
  bytes?: Uint8Array;
  /** UTC of the first sample. */
  startNanos: Nanos;
  /** 1σ; absent = unknown. */
  clockUncertaintySeconds?: number;
}

/** scene.json, read. */
export interface SceneDescription {
  name: string;
  source?: string;
  licence?: string;
  recordings: readonly SceneRecording[];
  weather?: SceneWeather;
  truth: readonly Truth[];
}

const time = z.string().superRefine((text, context) => {
  try {
    parseTime(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
  }
});

const weatherSchema = z.looseObject({
  temperatureC: z.number().min(-60).max(60).optional(),
  relativeHumidity: z.number().min(0).max(100).optional(),
  windSpeed: z.number().min(0).max(80).optional(),
  windFromDegrees: z.number().min(0).max(360).optional(),
});

const sceneSchema = z.looseObject({
  name: z.string().optional(),
  source: z.string().optional(),
  licence: z.string().optional(),
  recordings: z
    .array(
      z.looseObject({
        pole: z.string().regex(TOKEN, 'must be 1 to 32 of A-Z a-z 0-9 _ -'),
        file: z.string().min(1),
        start: time,
        clockUncertaintySeconds: z.number().nonnegative().optional(),
      }),
    )
    .min(1, 'has no recordings'),
  weather: weatherSchema.optional(),
  truth: z
    .array(
      z.looseObject({
        class: z.enum(EVENT_CLASSES),
        time: time.optional(),
        shots: z.int().positive().optional(),
        location: z.tuple([z.number().min(-180).max(180), z.number().min(-90).max(90)]).optional(),
        accuracyMeters: z.number().nonnegative().optional(),
      }),
    )
    .optional(),
});

/**
 * Reads a scene from parsed JSON. Unknown properties are ignored.
 * Throws SCENE_INVALID with the path of the offending value; `file` only names the source in that message.
 */
export function parseScene(json: unknown, file = 'scene.json'): SceneDescription {
  const read = sceneSchema.safeParse(json);
  if (!read.success) {
    const issue = read.error.issues[0];
    const at = issue.path.join('.') || 'the document';
    throw new ClameurError('SCENE_INVALID', { file, problem: `${at}: ${issue.message}` });
  }
  const { name, source, licence, recordings, weather, truth } = read.data;
  const seen = new Set<string>();
  for (const { pole } of recordings) {
    if (seen.has(pole)) {
      throw new ClameurError('SCENE_INVALID', {
        file,
        problem: `pole "${pole}" has two recordings; join them in one file, or give the other its own pole`,
      });
    }
    seen.add(pole);
  }
  return {
    name: name ?? file,
    ...present({ source, licence }),
    recordings: recordings.map((recording) => ({
      pole: recording.pole,
      file: recording.file,
      startNanos: parseTime(recording.start),
      ...present({ clockUncertaintySeconds: recording.clockUncertaintySeconds }),
    })),
    ...(weather && { weather: toWeather(weather) }),
    truth: (truth ?? []).map((one) => ({
      class: one.class,
      ...present({
        time: one.time,
        shots: one.shots,
        location: one.location,
        accuracyMeters: one.accuracyMeters,
      }),
    })),
  };
}

/** Reads weather as it stands in scenes and comes over NATS; undefined where it is no such thing. */
export function parseWeather(json: unknown): SceneWeather | undefined {
  const read = weatherSchema.safeParse(json);
  return read.success ? toWeather(read.data) : undefined;
}

function toWeather(weather: z.infer<typeof weatherSchema>): SceneWeather {
  const { temperatureC, relativeHumidity, windSpeed, windFromDegrees } = weather;
  return present({ temperatureC, relativeHumidity, windSpeed, windFromDegrees });
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** `values` without the keys that are undefined. */
function present<T extends object>(values: T): Present<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Present<T>;
}
