import { AckPolicy, DeliverPolicy, nanos, type JsMsg, type NatsConnection } from 'nats';
import { Slices } from './slices.js';

export interface ReadOptions {
  /** Only subjects that match. */
  subject?: string;
  /** Only what was stored since then. */
  since?: Date;
  /** Only from this place in the stream on; goes before `since`. */
  fromSequence?: number;
}

/** Half a megabyte of events: what is asked for at once comes at once. */
const BATCH = 200;
const PATIENCE_MILLIS = 5_000;

/**
 * Hands every message that is in the stream now to `take`, oldest first, and leaves nothing behind on the server. The
 * event loop turns meanwhile, however many there are.
 * Not the library's ordered consumer: against nats-server 2.9 it asks for ever and gets none.
 */
export async function readStream(
  nc: NatsConnection,
  stream: string,
  { subject, since, fromSequence }: ReadOptions,
  take: (message: JsMsg) => void,
): Promise<void> {
  const manager = await nc.jetstreamManager();
  const { name } = await manager.consumers.add(stream, {
    ack_policy: AckPolicy.None,
    inactive_threshold: nanos(30_000),
    ...(subject !== undefined && { filter_subject: subject }),
    ...(fromSequence !== undefined
      ? { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: Math.max(1, fromSequence) }
      : since
        ? { deliver_policy: DeliverPolicy.StartTime, opt_start_time: since.toISOString() }
        : { deliver_policy: DeliverPolicy.All }),
  });
  const slices = new Slices();
  try {
    const consumer = await nc.jetstream().consumers.get(stream, name);
    let left = (await consumer.info()).num_pending;
    while (left > 0) {
      let got = 0;
      for await (const message of await consumer.fetch({
        max_messages: Math.min(BATCH, left),
        expires: PATIENCE_MILLIS,
      })) {
        got++;
        take(message);
        if (slices.due) await slices.rest();
      }
      if (got === 0) return;
      left -= got;
    }
  } finally {
    await manager.consumers.delete(stream, name).catch(() => false);
  }
}
