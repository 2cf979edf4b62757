import { z } from 'zod';
import { formatTime, parseTime } from '../audio/index.js';
import { EVENT_CLASSES } from '../config/index.js';
import type { Arrival, Detection } from '../listen/index.js';

/** What a detection took on its way through its listener, seconds; for `latencySeconds` of the event. */
export interface ListenerDelays {
  transport: number;
  listen: number;
}

/** A detection between processes, with what the locator needs to know of its sender. */
export interface RelayedDetection {
  detection: Detection;
  /** The process that heard it. */
  listener: string;
  /** Counts up from 1 in each listener: a report of what was decided names the last one that it covers. */
  sequence: number;
  exercise: boolean;
  delays?: ListenerDelays;
}

const number = z.number();
const optional = number.optional();
const time = z.string().transform((text, context) => {
  try {
    return parseTime(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
    return z.NEVER;
  }
});
const scores = z.record(z.string(), number);
const arrival = z.object({
  time,
  onsetUncertaintySeconds: number,
  clockUncertaintySeconds: optional,
  levelDb: number,
  strengthDb: number,
  scores,
  bearingDegrees: optional,
  bearingUncertaintyDegrees: optional,
  echo: z.literal(true).optional(),
});
/** Open: a later version may add fields. */
const message = z.object({
  detectionId: z.string(),
  pole: z.string(),
  class: z.enum(EVENT_CLASSES),
  state: z.enum(['weak', 'open', 'ongoing', 'closed']),
  onset: time,
  known: time.optional(),
  end: time.optional(),
  arrivals: z.array(arrival),
  score: number,
  scores,
  levelDb: number,
  snrDb: number,
  features: z.record(z.string(), number).optional(),
  listener: z.string(),
  sequence: z.int(),
  exercise: z.literal(true).optional(),
  delays: z.object({ transport: number, listen: number }).optional(),
});

/** The subject of a detection; stream DETECTIONS holds them for ten minutes. */
export function detectionSubject(site: string, { pole, class: name }: Detection): string {
  return `detections.${site}.${pole}.${name}`;
}

/** Times as RFC 3339 with nanoseconds, numbers exactly as they are: another process must decide as this one would. */
export function encodeDetection(relayed: RelayedDetection): string {
  const { detection, listener, sequence, exercise, delays } = relayed;
  const { onsetNanos, knownNanos, endNanos, arrivals, ...same } = detection;
  return JSON.stringify({
    ...same,
    onset: formatTime(onsetNanos, 9),
    ...(knownNanos !== undefined && { known: formatTime(knownNanos, 9) }),
    ...(endNanos !== undefined && { end: formatTime(endNanos, 9) }),
    arrivals: arrivals.map(({ timeNanos, ...rest }) => ({ time: formatTime(timeNanos, 9), ...rest })),
    listener,
    sequence,
    ...(exercise && { exercise }),
    ...(delays && { delays }),
  });
}

/** Undefined where the text is no detection of ours. */
export function decodeDetection(text: string): RelayedDetection | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = message.safeParse(json);
  if (!parsed.success) return undefined;
  const { onset, known, end, arrivals, listener, sequence, exercise, delays, ...same } = parsed.data;
  return {
    detection: {
      ...same,
      onsetNanos: onset,
      ...(known !== undefined && { knownNanos: known }),
      ...(end !== undefined && { endNanos: end }),
      arrivals: arrivals.map(({ time: timeNanos, ...rest }) => ({ timeNanos, ...rest }) as Arrival),
    } as Detection,
    listener,
    sequence,
    exercise: exercise === true,
    ...(delays && { delays }),
  };
}
