import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Msg, NatsConnection, NatsError } from 'nats';
import { parseTime, secondsBetween } from '../../audio/index.js';
import { parseSite } from '../../config/index.js';
import { NatsFeed, type FeedListener } from '../../feeds/index.js';
import { loadModel, startClassifier } from '../../listen/index.js';
import type { Incident } from '../../locate/index.js';
import { Pipeline } from '../pipeline.js';
import { siteJson } from './city.js';
import { FRAME_SECONDS } from './pole-stream.js';
import type { SoakJob, SoakRun } from './soak-job.js';
import type { SoakFeed } from './soak-feed.js';
import type { FalseAlarm, MemoryReading } from './soak-report.js';
import { round } from './statistics.js';

const READINGS = 60;
/** Any time does: it only lies in the frames. */
const SOAK_START = parseTime('2026-01-01T00:00:00Z');

/** As fast as it goes, in this process: frames through the same feeds and pipeline as live, without a server between. */
export async function runInProcess({ city, seconds, feedsFrom, onAlarm, say }: SoakJob): Promise<SoakRun> {
  const site = parseSite(siteJson(city));
  const feeds = feedsFrom(SOAK_START);
  const figures = { patches: 0, onsets: 0, dropped: 0 };
  const classifier = await startClassifier(await loadModel(process.env['CLAMEUR_MODEL_PATH']));
  const pipeline = new Pipeline({
    site,
    classifier,
    counters: {
      patches: () => void figures.patches++,
      onset: () => void figures.onsets++,
      queueDropped: (_queue, count = 1) => void (figures.dropped += count),
    },
    onStep: ({ change, incident }) => {
      if (change === 'detected') onAlarm(alarmOf(incident, feeds));
    },
  });
  const loop = loopback();
  let played = 0;
  const feed = new NatsFeed({
    connection: loop.connection,
    site,
    monotonicSeconds: () => played,
    nowNanos: () => SOAK_START,
  });
  const behind: Promise<void>[] = [];
  await feed.start(waitedFor(pipeline, behind));
  const readings: MemoryReading[] = [];
  const began = performance.now();
  const frames = Math.round(seconds / FRAME_SECONDS);
  const every = Math.max(1, Math.floor(frames / READINGS));
  const collectGarbage = garbageCollector();
  for (let k = 0; k < frames; k++) {
    played = k * FRAME_SECONDS;
    for (const [pole, sound] of feeds) {
      await sound.ready();
      loop.deliver(`audio.${city.site}.${pole}`, sound.frame(k));
    }
    await Promise.all(behind.splice(0));
    if (k % every === every - 1) {
      collectGarbage();
      const { rss, heapUsed } = process.memoryUsage();
      readings.push({ atSeconds: played, rssBytes: rss, heapBytes: heapUsed });
      if (readings.length % 10 === 0)
        say(
          `${(played / 60).toFixed(1)} min of sound, ${figures.patches} patches, ${Math.round(rss / 1e6)} MB`,
        );
    }
  }
  const wallSeconds = (performance.now() - began) / 1000;
  await feed.stop();
  await pipeline.finish();
  await classifier.close();
  return { figures: { ...figures, timesRealTime: round((feeds.size * seconds) / wallSeconds, 1) }, readings };
}

/** A pipeline whose wish to wait is heard: live feeds do not wait, here the sender does. */
function waitedFor(pipeline: Pipeline, behind: Promise<void>[]): FeedListener {
  return {
    onBlock: (pole, block) => {
      const wait = pipeline.onBlock(pole, block);
      if (wait) behind.push(wait);
    },
    onState: (pole, state, reason) => pipeline.onState(pole, state, reason),
    onEnd: (pole) => pipeline.onEnd(pole),
  };
}

/** As much of a NATS connection as a feed uses. */
function loopback(): { connection: NatsConnection; deliver: (subject: string, data: Uint8Array) => void } {
  let callback: (error: NatsError | null, message: Msg) => void = () => undefined;
  const connection = {
    subscribe: (_subject: string, options: { callback: typeof callback }) => {
      callback = options.callback;
      return { unsubscribe: () => undefined };
    },
    flush: () => Promise.resolve(),
  };
  return {
    connection: connection as unknown as NatsConnection,
    deliver: (subject, data) => callback(null, { subject, data } as Msg),
  };
}

function alarmOf(incident: Incident, feeds: ReadonlyMap<string, SoakFeed>): FalseAlarm {
  return {
    atSeconds: round(secondsBetween(SOAK_START, incident.onsetNanos), 2),
    class: incident.class,
    confidence: round(incident.confidence, 3),
    method: incident.method,
    poles: incident.poles.slice(0, 6).map(({ pole, score, snrDb, arrivalNanos }) => ({
      pole,
      score,
      snrDb,
      sounds: feeds.get(pole)?.soundsAt(secondsBetween(SOAK_START, arrivalNanos)) ?? [],
    })),
    reasons: incident.reasons.map(({ text }) => text),
  };
}

/** Memory is read after a collection, or what waits for one would look like growth. */
function garbageCollector(): () => void {
  setFlagsFromString('--expose_gc');
  return runInNewContext('gc') as () => void;
}
