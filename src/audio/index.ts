export * from './encode-frame.js';
export * from './frame.js';
export { Resampler, SAMPLE_RATE_HZ } from './resampler.js';
export { momentsOf, type Moments } from './moments.js';
export { MAX_RING_SECONDS, SoundRing } from './ring.js';
export * from './time.js';
