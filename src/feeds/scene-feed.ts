import { setImmediate as breathe, setTimeout as sleep } from 'node:timers/promises';
import { floatFault, secondsBetween, type Nanos } from '../audio/index.js';
import { ClameurError, type Pole } from '../config/index.js';
import { Continuity } from './continuity.js';
import { noFeedCounters, type FeedCounters } from './counters.js';
import type { Feed, FeedListener, SoundBlock } from './feed.js';
import { Playback } from './playback.js';
import type { Scene } from './read-scene.js';
import { openRecording } from './recording.js';

export interface SceneFeedOptions {
  /** 1 is real time; `max`: as fast as the listener takes it. */
  speed?: number | 'max';
  /** Seconds of sound, over all recordings. */
  onProgress?: (doneSeconds: number, totalSeconds: number) => void;
  counters?: FeedCounters;
}

/** So long may playing keep the event loop to itself. */
const BREATHE_MILLIS = 20;

/**
 * The recordings of a scene as the feeds of its poles, in order of time, through the same path as live frames.
 * Never drops or stretches: it waits for the listener.
 */
export class SceneFeed implements Feed {
  readonly #scene: Scene;
  readonly #speed: number | 'max';
  readonly #onProgress: SceneFeedOptions['onProgress'];
  readonly #counters: FeedCounters;
  readonly #stopping = new AbortController();
  #playing: Promise<void> = Promise.resolve();
  /** Recordings that could not be read, to the end or at all; their poles are `failed`, the others were played. */
  readonly failures: ClameurError[] = [];

  constructor(scene: Scene, options: SceneFeedOptions = {}) {
    this.#scene = scene;
    this.#speed = options.speed ?? 'max';
    this.#onProgress = options.onProgress;
    this.#counters = options.counters ?? noFeedCounters;
  }

  /** Resolves when all is played (a recording ends). Rejects if not one recording could be opened. */
  start(listener: FeedListener): Promise<void> {
    this.#playing = this.#play(listener);
    return this.#playing;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    // Whoever started it hears of its errors.
    await this.#playing.catch(() => {});
  }

  async #play(listener: FeedListener): Promise<void> {
    const tracks = await this.#open(listener);
    const totalSeconds = tracks.reduce((sum, { playback }) => sum + playback.durationSeconds, 0);
    const pace = new Pace(this.#speed, this.#stopping.signal);
    let doneSeconds = 0;
    try {
      while (tracks.length > 0 && !this.#stopping.signal.aborted) {
        const track = tracks.reduce((first, other) =>
          other.playback.timeNanos < first.playback.timeNanos ? other : first,
        );
        const before = track.playback.playedSeconds;
        if (!(await this.#step(track, listener, pace))) tracks.splice(tracks.indexOf(track), 1);
        doneSeconds += track.playback.playedSeconds - before;
        this.#onProgress?.(doneSeconds, totalSeconds);
      }
    } finally {
      for (const { playback } of tracks) await playback.close();
    }
    for (const track of tracks) await this.#end(track, listener);
  }

  async #open(listener: FeedListener): Promise<Track[]> {
    const poles = new Map(this.#scene.site.poles.map((pole): [string, Pole] => [pole.pole, pole]));
    const tracks: Track[] = [];
    for (const recording of this.#scene.recordings) {
      const { pole } = recording;
      listener.onState(pole, 'waiting');
      try {
        const playback = new Playback(
          recording,
          await openRecording(recording.file, recording.bytes),
          poles.get(pole)!,
        );
        tracks.push({ playback, continuity: new Continuity(pole, this.#counters), live: false });
      } catch (error) {
        this.#fail(pole, error, listener);
      }
    }
    if (tracks.length === 0) throw this.failures[0];
    return tracks;
  }

  /** Plays one stretch of a track; false when it has come to its end. */
  async #step(track: Track, listener: FeedListener, pace: Pace): Promise<boolean> {
    const { playback, continuity } = track;
    let stretch;
    try {
      stretch = await playback.next();
    } catch (error) {
      this.#fail(playback.pole, error, listener);
      await listener.onEnd(playback.pole);
      return false;
    }
    if (!stretch) {
      await this.#end(track, listener);
      return false;
    }
    await pace.until(playback.timeNanos);
    if (!track.live) {
      listener.onState(playback.pole, 'live');
      track.live = true;
    }
    const fault = floatFault(stretch.mono);
    if (fault) {
      this.#counters.frameDropped(playback.pole, fault);
      return true;
    }
    this.#counters.frame(
      playback.pole,
      stretch.mono.length / stretch.sampleRateHz,
      stretch.clockUncertaintySeconds,
    );
    await deliver(listener, playback.pole, continuity.accept(stretch));
    return true;
  }

  async #end({ playback, continuity }: Track, listener: FeedListener): Promise<void> {
    await deliver(listener, playback.pole, continuity.finish());
    await listener.onEnd(playback.pole);
  }

  #fail(pole: string, error: unknown, listener: FeedListener): void {
    if (!(error instanceof ClameurError)) throw error;
    this.failures.push(error);
    this.#counters.frameDropped(pole, 'unreadable');
    listener.onState(pole, 'failed', error.message);
  }
}

interface Track {
  playback: Playback;
  continuity: Continuity;
  live: boolean;
}

async function deliver(listener: FeedListener, pole: string, blocks: readonly SoundBlock[]): Promise<void> {
  for (const block of blocks) await listener.onBlock(pole, block);
}

/** Holds sound back until its end would have been heard; at `max`, only lets others have the event loop. */
class Pace {
  #first: { sound: Nanos; atMillis: number } | undefined;
  #breathedMillis = performance.now();

  constructor(
    readonly speed: number | 'max',
    readonly signal: AbortSignal,
  ) {}

  async until(sound: Nanos): Promise<void> {
    const now = performance.now();
    if (this.speed !== 'max') {
      this.#first ??= { sound, atMillis: now };
      const due = this.#first.atMillis + (secondsBetween(this.#first.sound, sound) * 1000) / this.speed;
      // An aborted wait is an end, not an error.
      if (due > now) await sleep(due - now, undefined, { signal: this.signal }).catch(() => {});
    }
    if (performance.now() - this.#breathedMillis < BREATHE_MILLIS) return;
    await breathe();
    this.#breathedMillis = performance.now();
  }
}
