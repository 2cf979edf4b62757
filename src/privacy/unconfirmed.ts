import type { NatsConnection } from 'nats';
import { readEvent, readStream } from '../publish/index.js';

interface Told {
  sequences: number[];
  lastMillis: number;
  confirmed: boolean;
}

/**
 * Deletes from EVENTS, every message and overwritten, the site's incidents that nobody confirmed and of which nothing
 * was said since `before`. Gives the number of incidents.
 */
export async function deleteUnconfirmed(nc: NatsConnection, site: string, before: Date): Promise<number> {
  const incidents = new Map<string, Told>();
  await readStream(nc, 'EVENTS', { subject: `events.${site}.>` }, (message) => {
    const event = readEvent(message.string());
    if (!event) return;
    const told = incidents.get(event.data.incidentId) ?? { sequences: [], lastMillis: 0, confirmed: false };
    told.sequences.push(message.seq);
    told.lastMillis = Math.max(told.lastMillis, message.info.timestampNanos / 1e6);
    told.confirmed = event.data.review?.state === 'confirmed';
    incidents.set(event.data.incidentId, told);
  });
  const { streams } = await nc.jetstreamManager();
  let deleted = 0;
  for (const { sequences, lastMillis, confirmed } of incidents.values()) {
    if (confirmed || lastMillis >= before.getTime()) continue;
    for (const sequence of sequences) {
      // It may have expired meanwhile, or another locator was quicker.
      await streams.deleteMessage('EVENTS', sequence, true).catch((error: unknown) => {
        if ((error as { api_error?: object }).api_error === undefined) throw error;
      });
    }
    deleted++;
  }
  return deleted;
}
