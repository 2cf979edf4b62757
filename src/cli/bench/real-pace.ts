import type { NatsConnection } from 'nats';
import { secondsBetween, secondsToNanos, type Nanos } from '../../audio/index.js';
import { utcNow } from '../stage-clock.js';
import { FRAME_SECONDS } from './pole-stream.js';

/** For the last frames to be taken in before anybody counts them. */
const SETTLE_MILLIS = 500;

export interface Sender {
  subject: string;
  /** The payload of frame `k`; asked for in order. */
  frame(k: number): Uint8Array;
}

export interface Pace {
  /** How late the latest frame left, seconds: what the bench itself adds to the latencies at worst. */
  latestSeconds: number;
  frames: number;
}

/**
 * Sends all senders' frames, each when its last sample would have been heard, until `seconds` of sound are out or the
 * signal says so. `startNanos`: UTC of the first sample.
 */
export async function sendAtRealPace(
  connection: NatsConnection,
  senders: readonly Sender[],
  { startNanos, seconds, signal }: { startNanos: Nanos; seconds: number; signal?: AbortSignal },
): Promise<Pace> {
  const pace: Pace = { latestSeconds: 0, frames: 0 };
  for (let k = 0; k * FRAME_SECONDS < seconds && !signal?.aborted; k++) {
    const dueNanos = startNanos + secondsToNanos((k + 1) * FRAME_SECONDS);
    for (let rest = secondsBetween(utcNow(), dueNanos); rest > 0; rest = secondsBetween(utcNow(), dueNanos))
      await new Promise((resolve) => setTimeout(resolve, Math.ceil(rest * 1000)));
    for (const sender of senders) connection.publish(sender.subject, sender.frame(k));
    pace.frames += senders.length;
    pace.latestSeconds = Math.max(pace.latestSeconds, secondsBetween(dueNanos, utcNow()));
  }
  await connection.flush();
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MILLIS));
  return pace;
}
