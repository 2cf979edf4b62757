import type { EventClass, Truth } from '../../config/index.js';
import type { CloudEvent, EventData, ModelIdentity } from '../../publish/index.js';

/** Seconds in a report count from its `startsAt`, the first sample of the earliest recording. */
export interface ReplayReport {
  name: string;
  source?: string;
  licence?: string;
  site: string;
  version: string;
  madeAt: string;
  model: ModelIdentity;
  thresholds: Record<string, { on: number; off: number; alone: number }>;
  startsAt: string;
  seconds: number;
  poles: Array<{ pole: string; position?: [number, number]; recorded: boolean }>;
  tracks: TrackReport[];
  events: StepReport[];
  /** The nearest to an alert that each event class came, whether or not it became one. */
  best: Array<{ class: EventClass; score: number; pole: string; seconds: number }>;
  truth: Truth[];
  /** Only where the scene tells its truth. */
  check?: CheckReport;
  failures: Array<{ code: string; message: string }>;
}

/** One pole's recording: drawn, and what was made of it. */
export interface TrackReport {
  pole: string;
  file: string;
  fromSeconds: number;
  spectrogram: Spectrogram;
  /** By routine patch: when it ended, and every class's score in percent. */
  scores: { classes: string[]; atSeconds: number[]; percent: number[][] };
  detections: DetectionReport[];
  weakArrivals: number[];
}

export interface Spectrogram {
  columns: number;
  rows: number;
  secondsPerColumn: number;
  minHz: number;
  maxHz: number;
  /** Base64 of one byte a cell, column after column, lowest band first: 0 = −120 dB, 255 = 0 dB re a full-scale sine. */
  cells: string;
}

export interface DetectionReport {
  id: string;
  class: EventClass;
  fromSeconds: number;
  toSeconds?: number;
  arrivals: number[];
  score: number;
  levelDb: number;
  snrDb: number;
  runnersUp: Array<{ class: string; score: number }>;
}

export interface StepReport {
  event: CloudEvent;
  /** How much sound after the onset had to be heard before this was said. */
  afterSeconds: number;
}

/** `problems` empty: as the truth says. */
export interface CheckReport {
  ok: boolean;
  matches: Array<{ truth: Truth; incidentId?: string; errorMeters?: number; problems: string[] }>;
  unexpected: Array<Pick<EventData, 'incidentId' | 'class' | 'onset'>>;
}
