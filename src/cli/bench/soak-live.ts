import { connect } from 'nats';
import { parseTime, secondsBetween, secondsToNanos, type Nanos } from '../../audio/index.js';
import { bringUpNats } from '../demo-nats.js';
import { utcNow } from '../stage-clock.js';
import { startBenchService } from './bench-service.js';
import { subscribeAsHub, type ReceivedEvent } from './hub.js';
import { sendAtRealPace } from './real-pace.js';
import type { SoakJob, SoakRun } from './soak-job.js';
import type { SoakFeed } from './soak-feed.js';
import type { FalseAlarm, MemoryReading } from './soak-report.js';
import { round } from './statistics.js';

const READINGS = 60;
const START_SECONDS = 1;

/** At real speed, over a real NATS to the real service; the memory is the service's. */
export async function runLive({ city, seconds, feedsFrom, onAlarm, say }: SoakJob): Promise<SoakRun> {
  const nats = await bringUpNats(say);
  try {
    const service = await startBenchService(city, nats.url);
    const connection = await connect({ servers: nats.url, name: 'clameur bench' });
    let timer: NodeJS.Timeout | undefined;
    try {
      const startNanos = utcNow() + secondsToNanos(START_SECONDS);
      const feeds = feedsFrom(startNanos);
      for (const feed of feeds.values()) await feed.ready();
      await subscribeAsHub(connection, city.site, (received) => {
        if (received.event.type === 'clameur.incident.detected.v1')
          onAlarm(alarmOf(received, feeds, startNanos));
      });
      const readings: MemoryReading[] = [];
      const read = async (): Promise<void> => {
        const { rssBytes, heapBytes } = await service.figures();
        readings.push({ atSeconds: secondsBetween(startNanos, utcNow()), rssBytes, heapBytes });
      };
      timer = setInterval(() => void read(), Math.max(1, seconds / READINGS) * 1000);
      const senders = [...feeds].map(([pole, feed]) => ({
        subject: `audio.${city.site}.${pole}`,
        frame: (k: number) => feed.frame(k),
      }));
      const pace = await sendAtRealPace(connection, senders, { startNanos, seconds });
      await read();
      const { patches, onsets, patchesDropped, framesDropped, frames } = await service.figures();
      return {
        figures: {
          timesRealTime: feeds.size,
          patches,
          onsets,
          dropped: patchesDropped + framesDropped + pace.frames - frames,
        },
        readings,
      };
    } finally {
      clearInterval(timer);
      await connection.close();
      await service.stop();
    }
  } finally {
    await nats.stop();
  }
}

function alarmOf(
  { event: { data } }: ReceivedEvent,
  feeds: ReadonlyMap<string, SoakFeed>,
  startNanos: Nanos,
): FalseAlarm {
  return {
    atSeconds: round(secondsBetween(startNanos, parseTime(data.onset)), 2),
    class: data.class,
    confidence: data.confidence,
    method: data.method,
    poles: data.poles.slice(0, 6).map(({ pole, score, snrDb, arrival }) => ({
      pole,
      score,
      ...(snrDb !== undefined && { snrDb }),
      sounds: feeds.get(pole)?.soundsAt(secondsBetween(startNanos, parseTime(arrival))) ?? [],
    })),
    reasons: (data.reasons ?? []).map(({ text }) => text),
  };
}
