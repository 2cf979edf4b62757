import type { NatsConnection } from 'nats';
import { ensureStreams, type EnsureStreamsOptions } from '../publish/index.js';
import { DetectionReceiver } from '../relay/index.js';
import type { Logger } from '../telemetry/index.js';
import type { LiveSite } from './live-site.js';
import type { LocateSide } from './locate-side.js';

/** A locator that starts hears so much of what the listeners told before it was there. */
const BACK_SECONDS = 60;
/** What the first of those may lack: the poles that heard it before. */
const PARTLY_HEARD_NANOS = 5_000_000_000n;
/** Without the stream a locator goes on with what its own process hears. */
const CATCH_UP_MILLIS = 5_000;
/** Each listener has told all it knows by then. */
const REPORTED_MILLIS = 3_000;
const STREAM_RETRY_MILLIS = 2_000;

/**
 * Makes the stream of detections, which alone a listener needs; resolves once it is there. Throws SOUND_STORED where any
 * stream holds sound, and where the connection is closed.
 */
export async function makeDetections(nc: NatsConnection, options: EnsureStreamsOptions): Promise<void> {
  for (;;) {
    try {
      await ensureStreams(nc, { ...options, names: ['DETECTIONS'] });
      return;
    } catch (err) {
      if ((err as { code?: string }).code === 'SOUND_STORED' || nc.isClosed()) throw err;
      options.log.error({ err }, 'the stream of detections is not there yet');
      await new Promise((resolve) => setTimeout(resolve, STREAM_RETRY_MILLIS));
    }
  }
}

export interface ReceiveOptions {
  connection: NatsConnection;
  site: string;
  /** This process's name: what it told itself it knows already. */
  self: string;
  locates: LocateSide;
  sites: readonly LiveSite[];
  log: Logger;
}

/** Hands on what the listeners elsewhere tell; `caughtUp` resolves once what they told before is in. */
export function receiveDetections(options: ReceiveOptions): {
  receiver: DetectionReceiver;
  caughtUp: Promise<void>;
} {
  const { locates, sites, log } = options;
  let onCaughtUp = (): void => undefined;
  const caught = new Promise<void>((resolve) => (onCaughtUp = resolve));
  const siteOf = (exercise: boolean) => sites.find((live) => live.exercise === exercise);
  const receiver = new DetectionReceiver({
    connection: options.connection,
    site: options.site,
    self: options.self,
    backSeconds: BACK_SECONDS,
    onDetection: (relayed, replayed) => {
      const { exercise, detection } = relayed;
      if (replayed) locates.heardSince(exercise, detection.onsetNanos + PARTLY_HEARD_NANOS);
      siteOf(exercise)?.heardElsewhere(relayed, replayed);
    },
    onReport: (report) => siteOf(report.exercise)?.decidedElsewhere(report),
    onSilent: (listener) => sites.forEach((live) => live.silentElsewhere(listener)),
    onCaughtUp: () => onCaughtUp(),
    log,
  });
  const late = setTimeout(() => {
    log.warn('the stream DETECTIONS cannot be read; this process locates without what others told before');
    onCaughtUp();
  }, CATCH_UP_MILLIS);
  const caughtUp = caught.then(() => {
    clearTimeout(late);
    setTimeout(() => sites.forEach((live) => live.endReplay()), REPORTED_MILLIS).unref();
  });
  return { receiver, caughtUp };
}
