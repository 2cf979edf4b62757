import type { NatsConnection } from 'nats';
import type { Nanos } from '../../audio/index.js';
import type { CloudEvent } from '../../publish/index.js';
import { utcNow } from '../stage-clock.js';

/** An event as a hub has it. */
export interface ReceivedEvent {
  receivedNanos: Nanos;
  event: CloudEvent;
}

/** Subscribes as a hub would, with a plain core subscription. Resolves once the server knows it. */
export async function subscribeAsHub(
  connection: NatsConnection,
  site: string,
  onEvent: (received: ReceivedEvent) => void,
): Promise<void> {
  connection.subscribe(`events.${site}.>`, {
    callback: (error, message) => {
      if (error) throw error;
      onEvent({ receivedNanos: utcNow(), event: message.json<CloudEvent>() });
    },
  });
  await connection.flush();
}
