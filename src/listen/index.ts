export type { Arrival, Detection, DetectionState, SpectralFeatures } from './detection.js';
