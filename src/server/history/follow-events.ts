import { consumerOpts, type JetStreamSubscription, type NatsConnection } from 'nats';
import { ClameurError } from '../../config/index.js';
import { STREAMS, type CloudEvent } from '../../publish/index.js';
import type { IncidentIndex } from './incident-index.js';

const KEPT_DAYS = Number(STREAMS.EVENTS.max_age) / 86_400e9;
const FORGET_EVERY_MILLIS = 600_000;

/** What EVENTS holds of a site, and what comes: kept in an index, and read again from the stream when it is asked for. */
export class EventHistoryReader {
  readonly #index: IncidentIndex;
  readonly #site: string;
  #connection: NatsConnection | undefined;
  #subscription: JetStreamSubscription | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(index: IncidentIndex, site: string) {
    this.#index = index;
    this.#site = site;
  }

  /** Resolves once it follows; `index.complete` turns true when all that was there has been read. */
  async start(connection: NatsConnection): Promise<void> {
    this.#connection = connection;
    const subject = `events.${this.#site}.>`;
    const options = consumerOpts().orderedConsumer().deliverAll();
    this.#subscription = await connection.jetstream().subscribe(subject, options);
    void this.#read(this.#subscription, (await this.#subscription.consumerInfo()).num_pending === 0);
    this.#timer = setInterval(
      () => this.#index.forget(Date.now() - KEPT_DAYS * 86_400_000),
      FORGET_EVERY_MILLIS,
    );
    this.#timer.unref();
  }

  /** Every revision of an incident that EVENTS still holds, by revision. Throws INCIDENT_UNKNOWN or HISTORY_AWAY. */
  async life(incidentId: string): Promise<CloudEvent[]> {
    const known = this.#index.get(incidentId);
    if (!known) throw new ClameurError('INCIDENT_UNKNOWN', { incidentId, site: this.#site, days: KEPT_DAYS });
    const manager = await this.#connection!.jetstreamManager().catch(away);
    const read = await Promise.all(
      known.sequences.map((seq) =>
        manager.streams.getMessage('EVENTS', { seq }).then(
          ({ data }) => readShape(data),
          // 10037: it has been let go meanwhile.
          (error: { api_error?: { err_code: number } }) =>
            error.api_error?.err_code === 10037 ? undefined : away(error),
        ),
      ),
    );
    return read.filter((event) => event !== undefined).sort((a, b) => a.data.revision - b.data.revision);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#subscription?.unsubscribe();
  }

  async #read(subscription: JetStreamSubscription, empty: boolean): Promise<void> {
    this.#index.complete ||= empty;
    for await (const message of subscription) {
      const { streamSequence, timestampNanos, pending } = message.info;
      const event = readShape(message.data);
      if (event) this.#index.add(event, streamSequence, timestampNanos / 1e6);
      if (pending === 0) this.#index.complete = true;
    }
  }
}

const decoder = new TextDecoder();

/**
 * A message of EVENTS, if it has the shape of ours. Not the whole schema: of a hundred thousand incidents that takes a
 * minute, and only the service may write there.
 */
function readShape(bytes: Uint8Array): CloudEvent | undefined {
  try {
    const event = JSON.parse(decoder.decode(bytes)) as CloudEvent;
    const { data } = event;
    const isOurs =
      typeof data.incidentId === 'string' &&
      Number.isInteger(data.revision) &&
      !Number.isNaN(Date.parse(data.onset)) &&
      Array.isArray(data.poles);
    return isOurs ? event : undefined;
  } catch {
    return undefined;
  }
}

function away(error: unknown): never {
  throw new ClameurError('HISTORY_AWAY', { problem: (error as Error).message }, { cause: error });
}
