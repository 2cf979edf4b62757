// Types only: nothing of the service's code comes into the page.
export type {
  CheckReport,
  IncidentSummary,
  PoleStatus,
  PoleStrips,
  Readiness,
  ReplayReport,
} from '../server/index.js';
export type { Spectrogram, Statistics, StepReport, TrackReport } from '../server/index.js';
export type { Tiles } from '../server/index.js';
export type { CloudEvent, EventData } from '../publish/index.js';
