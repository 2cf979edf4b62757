export { checkStreamPoles } from './check-poles.js';
export { ffmpegVersion } from './ffmpeg.js';
export { kindOf, shownSource, type StreamSource } from './source.js';
export { StreamFeed, type StreamCounters, type StreamFeedOptions } from './stream-feed.js';
