export { noFeedCounters, type FeedCounters } from './counters.js';
export * from './feed.js';
export { NatsFeed, type NatsFeedOptions } from './nats.js';
export { openRecording, type Recording } from './recording.js';
export { WeatherFeed } from './weather.js';
export { readScene, type ReadSceneOptions, type Scene } from './read-scene.js';
export { SceneFeed, type SceneFeedOptions } from './scene-feed.js';
export { SIGNATURE_HEADER, signedBytes } from './signature.js';
export { TRANSITIONS, type SourceEvent } from './source-state.js';
