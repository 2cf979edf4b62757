import type { NatsConnection } from 'nats';
import type { Site } from '../config/index.js';
import { readEvent, readStream, type CloudEvent } from '../publish/index.js';
import { composeReport, type Report } from './report.js';
import { readTallies } from './tally-log.js';
import { VerdictLog } from './verdict-log.js';

const DAY_MILLIS = 86_400_000;

/** Reads EVENTS, VERDICTS and FIGURES; a stream that is not there yet is an empty one. */
export async function readReport(
  nc: NatsConnection,
  site: Site,
  {
    fromMillis,
    toMillis,
    unconfirmedDays,
  }: { fromMillis: number; toMillis: number; unconfirmedDays: number },
): Promise<Report> {
  const since = new Date(fromMillis);
  const events: CloudEvent[] = [];
  await emptyWhereMissing(
    readStream(nc, 'EVENTS', { subject: `events.${site.site}.>`, since }, (message) => {
      const event = readEvent(message.string());
      if (event) events.push(event);
    }),
  );
  const verdicts = (await emptyWhereMissing(new VerdictLog(nc, site.site).since(since))) ?? [];
  const tallies = (await emptyWhereMissing(readTallies(nc, site.site, since))) ?? [];
  const { streams } = await nc.jetstreamManager();
  const info = await emptyWhereMissing(streams.info('EVENTS'));
  // Those that nobody confirmed go first.
  const swept = Date.now() - unconfirmedDays * DAY_MILLIS;
  const eventsSince = Math.max(swept, (info && lostBefore(info)) ?? -Infinity);
  return composeReport({
    site,
    fromMillis,
    toMillis,
    nowMillis: Date.now(),
    events,
    eventsSinceMillis: eventsSince,
    verdicts,
    tallies,
  });
}

/** When the oldest message that is left came, where older ones have gone. */
function lostBefore({ state }: { state: { first_seq: number; first_ts: string } }): number | undefined {
  return state.first_seq > 1 ? Date.parse(state.first_ts) : undefined;
}

async function emptyWhereMissing<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    // 10059: no such stream.
    if ((error as { api_error?: { err_code?: number } }).api_error?.err_code === 10059) return undefined;
    throw error;
  }
}
