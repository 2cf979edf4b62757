export { startClassifier, type Classifier, type ClassifierOptions } from './classifier.js';
export {
  detectionId,
  type Arrival,
  type Detection,
  type DetectionState,
  type SpectralFeatures,
} from './detection.js';
export type { ListenCounters } from './listen-counters.js';
export { Listener, mergeThresholds, type ListenOptions } from './listener.js';
export { loadModel, type ClassThresholds, type Model } from './model.js';
export { SAMPLE_RATE_HZ as LISTEN_RATE_HZ } from '../audio/index.js';
export { fft } from './fft.js';
export type { ListenSink } from './listen-sink.js';
export type { ScoredPatch, Scores } from './scored-patch.js';
/** The steps of listening one by one: for who measures what each costs. */
export { OnsetPicker } from './onset.js';
export { levelDbOf } from './level.js';
export { RecentSound } from './recent-sound.js';
export { Tracker } from './tracker.js';
export { Lateness } from './lateness.js';
export {
  Overload,
  OVERLOAD_STATES,
  SHED_REASONS,
  shedPatch,
  type OverloadState,
  type Shedding,
  type ShedReason,
} from './overload.js';
