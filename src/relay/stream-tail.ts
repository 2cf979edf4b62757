import {
  AckPolicy,
  createInbox,
  DeliverPolicy,
  Events,
  nanos,
  ReplayPolicy,
  type JetStreamManager,
  type Msg,
  type NatsConnection,
  type Subscription,
} from 'nats';
import { SERVICE_INBOX } from '../config/index.js';
import type { Logger } from '../telemetry/index.js';

const HEARTBEAT_MILLIS = 1_000;
/** Without a message or a heartbeat for so long the consumer is gone. */
const SILENT_MILLIS = 3_500;
const RETRY_MILLIS = 500;

export interface StreamTailOptions {
  connection: NatsConnection;
  stream: string;
  subject: string;
  /** How far back to begin, by the server's clock: nobody else's counts. */
  backSeconds: number;
  onMessage: (text: string) => void;
  /** Once: what lay in the stream at the start has been handed on. */
  onCaughtUp: () => void;
  log: Logger;
}

/**
 * A stream's messages in order, from some way back and then as they come, over outages of the server and over the loss
 * of a stream in memory. An ordered push consumer of our own: the library's pull one gets nothing from nats-server 2.9.
 */
export class StreamTail {
  readonly #options: StreamTailOptions;
  #subscription: Subscription | undefined;
  #nextStreamSequence: number | undefined;
  #nextConsumerSequence = 1;
  #leftToCatchUp: number | undefined;
  #caughtUp = false;
  #heardMillis = 0;
  #opening = false;
  #timer: NodeJS.Timeout;
  #stopped = false;

  constructor(options: StreamTailOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#watch(), RETRY_MILLIS);
    void this.#open();
    void this.#follow();
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
    this.#close();
  }

  #close(): void {
    if (this.#subscription && !this.#options.connection.isClosed()) this.#subscription.unsubscribe();
    this.#subscription = undefined;
  }

  async #follow(): Promise<void> {
    for await (const { type } of this.#options.connection.status()) {
      if (this.#stopped) return;
      if (type === Events.Reconnect) void this.#open();
    }
  }

  #watch(): void {
    if (performance.now() - this.#heardMillis > SILENT_MILLIS) void this.#open();
  }

  async #open(): Promise<void> {
    const { connection, stream, log } = this.#options;
    if (this.#opening || this.#stopped || connection.isClosed()) return;
    this.#opening = true;
    this.#close();
    this.#heardMillis = performance.now();
    try {
      await this.#consume(await connection.jetstreamManager());
    } catch (err) {
      log.debug({ err, stream }, 'the stream cannot be read yet');
      this.#close();
    } finally {
      this.#opening = false;
    }
  }

  async #consume(manager: JetStreamManager): Promise<void> {
    const { connection, stream, subject, backSeconds } = this.#options;
    const { state } = await manager.streams.info(stream);
    // A stream in memory that was made anew counts from 1 again.
    if (this.#nextStreamSequence !== undefined && state.last_seq < this.#nextStreamSequence - 1)
      this.#nextStreamSequence = 1;
    const inbox = createInbox(SERVICE_INBOX);
    this.#nextConsumerSequence = 1;
    this.#subscription = connection.subscribe(inbox, {
      callback: (error, message) => {
        if (!error) this.#take(message);
      },
    });
    const from =
      this.#nextStreamSequence !== undefined
        ? {
            deliver_policy: DeliverPolicy.StartSequence,
            opt_start_seq: Math.max(1, this.#nextStreamSequence),
          }
        : {
            deliver_policy: DeliverPolicy.StartTime,
            opt_start_time: new Date(Date.parse(state.last_ts) - backSeconds * 1000).toISOString(),
          };
    const { num_pending } = await manager.consumers.add(stream, {
      ...(state.last_seq > 0 ? from : { deliver_policy: DeliverPolicy.All }),
      ack_policy: AckPolicy.None,
      replay_policy: ReplayPolicy.Instant,
      filter_subject: subject,
      deliver_subject: inbox,
      idle_heartbeat: nanos(HEARTBEAT_MILLIS),
      inactive_threshold: nanos(30_000),
      max_deliver: 1,
      num_replicas: 1,
      mem_storage: true,
    });
    this.#nextStreamSequence ??= 1;
    this.#leftToCatchUp ??= num_pending + (this.#nextConsumerSequence - 1);
    if (this.#nextConsumerSequence > this.#leftToCatchUp) this.#tellCaughtUp();
  }

  #take(message: Msg): void {
    this.#heardMillis = performance.now();
    const at = positionOf(message.reply);
    if (!at) return;
    if (at.consumer !== this.#nextConsumerSequence) {
      void this.#open();
      return;
    }
    this.#nextConsumerSequence++;
    this.#nextStreamSequence = at.stream + 1;
    this.#options.onMessage(message.string());
    if (this.#leftToCatchUp !== undefined && at.pending === 0) this.#tellCaughtUp();
  }

  #tellCaughtUp(): void {
    if (this.#caughtUp) return;
    this.#caughtUp = true;
    this.#options.onCaughtUp();
  }
}

/**
 * From the reply subject: `$JS.ACK.<stream>.<consumer>.<delivered>.<stream seq>.<consumer seq>.<time>.<pending>`, with a
 * domain and an account before the stream, and a token after, on newer servers. Heartbeats have none.
 */
function positionOf(
  reply: string | undefined,
): { stream: number; consumer: number; pending: number } | undefined {
  const tokens = reply?.split('.') ?? [];
  if (tokens[0] !== '$JS' || tokens[1] !== 'ACK') return undefined;
  const at = tokens.length === 9 ? 5 : 7;
  const [stream, consumer, , pending] = tokens.slice(at, at + 4).map(Number);
  return { stream, consumer, pending };
}
