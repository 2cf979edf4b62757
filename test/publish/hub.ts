import { AckPolicy, connect, DeliverPolicy, nanos } from 'nats';
import type { CloudEvent } from '../../src/publish/index.js';

/** Everything in EVENTS, in the stream's order, as a hub with a plain client reads it. */
export async function readEvents(
  url: string,
): Promise<Array<{ event: CloudEvent; subject: string; contentType: string; msgId: string }>> {
  const nc = await connect({ servers: url });
  try {
    const { name } = await (
      await nc.jetstreamManager()
    ).consumers.add('EVENTS', {
      ack_policy: AckPolicy.None,
      deliver_policy: DeliverPolicy.All,
      inactive_threshold: nanos(30_000),
    });
    const consumer = await nc.jetstream().consumers.get('EVENTS', name);
    const total = (await consumer.info()).num_pending;
    const got = [];
    while (got.length < total) {
      for await (const message of await consumer.fetch({
        max_messages: Math.min(500, total - got.length),
        expires: 5000,
      })) {
        got.push({
          event: message.json<CloudEvent>(),
          subject: message.subject,
          contentType: message.headers?.get('content-type') ?? '',
          msgId: message.headers?.get('Nats-Msg-Id') ?? '',
        });
      }
    }
    return got;
  } finally {
    await nc.close();
  }
}

/** Ids that came twice, and incidents whose revisions came out of order. */
export function faults(events: readonly CloudEvent[]): { twice: string[]; outOfOrder: string[] } {
  const ids = new Set<string>();
  const last = new Map<string, number>();
  const found = { twice: [] as string[], outOfOrder: [] as string[] };
  for (const { id, subject, data } of events) {
    if (ids.has(id)) found.twice.push(id);
    if (data.revision <= (last.get(subject) ?? 0))
      found.outOfOrder.push(`${subject} revision ${data.revision}`);
    ids.add(id);
    last.set(subject, data.revision);
  }
  return found;
}

export async function until(
  what: string,
  done: () => boolean | Promise<boolean>,
  seconds = 40,
): Promise<void> {
  for (
    const end = Date.now() + seconds * 1000;
    Date.now() < end;
    await new Promise((r) => setTimeout(r, 50))
  ) {
    if (await done()) return;
  }
  throw new Error(`did not come about within ${seconds} s: ${what}`);
}
