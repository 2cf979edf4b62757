import { headers, type NatsConnection } from 'nats';
import type { Send } from './outbox.js';

const ACK_TIMEOUT_MILLIS = 5_000;

/** Sends to the stream EVENTS; its acknowledgement means that the message is stored, or was before (a duplicate). */
export function jetStreamSender(nc: NatsConnection): Send {
  const js = nc.jetstream();
  return async ({ id, subject, body, contentType }) => {
    const header = headers();
    header.set('content-type', contentType);
    await js.publish(subject, body, {
      msgID: id,
      headers: header,
      timeout: ACK_TIMEOUT_MILLIS,
      expect: { streamName: 'EVENTS' },
    });
  };
}
