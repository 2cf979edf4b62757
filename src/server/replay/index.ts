export { UPLOAD_LIMITS } from './limits.js';
export { ReportBuilder } from './report-builder.js';
export type {
  CheckReport,
  DetectionReport,
  ReplayReport,
  Spectrogram,
  StepReport,
  TrackReport,
} from './report-data.js';
export { reportHtml } from './report-html.js';
export { replayResults, replayUploads } from './routes.js';
export { KEPT_MINUTES, ReplaySessions, type ReplayProgress, type RunReplay } from './sessions.js';
export { unpack } from './unpack.js';
