import { setTimeout as sleep } from 'node:timers/promises';
import { consumerOpts, type JetStreamSubscription, type JsMsg, type NatsConnection } from 'nats';
import { ClameurError } from '../../config/index.js';
import { eventDataSchema, readStream, STREAMS, type CloudEvent } from '../../publish/index.js';
import type { Logger } from '../../telemetry/index.js';
import type { IncidentIndex } from './incident-index.js';

const KEPT_DAYS = Number(STREAMS.EVENTS.max_age) / 86_400e9;
const FORGET_EVERY_MILLIS = 600_000;
const RETRY_MILLIS = 1000;
/** A verdict on an old incident waits so long for a service that has just started. */
const PATIENCE_MILLIS = 20_000;

/** What EVENTS holds of a site, and what comes: kept in an index, and read again from the stream when it is asked for. */
export class EventHistoryReader {
  readonly #index: IncidentIndex;
  readonly #site: string;
  readonly #log: Logger;
  #connection: NatsConnection | undefined;
  #subscription: JetStreamSubscription | undefined;
  #timer: NodeJS.Timeout | undefined;
  #nextSequence = 1;
  #completed!: () => void;
  readonly #complete = new Promise<void>((resolve) => (this.#completed = resolve));
  #stopped = false;

  constructor(index: IncidentIndex, site: string, log: Logger) {
    this.#index = index;
    this.#site = site;
    this.#log = log;
  }

  /** Reads in the background; `index.complete` turns true when all that was there is in. */
  start(connection: NatsConnection): void {
    this.#connection = connection;
    void this.#read();
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
          (message) => readShape(message.string()),
          // 10037: it has been let go meanwhile.
          (error: { api_error?: { err_code: number } }) =>
            error.api_error?.err_code === 10037 ? undefined : away(error),
        ),
      ),
    );
    return read.filter((event) => event !== undefined).sort((a, b) => a.data.revision - b.data.revision);
  }

  /** The last revision; undefined where EVENTS holds none (never told, or older than its days). Throws HISTORY_AWAY. */
  async last(incidentId: string): Promise<CloudEvent | undefined> {
    if (!this.#index.complete) await this.#whole();
    if (!this.#index.get(incidentId)) return undefined;
    const last = (await this.life(incidentId)).at(-1);
    return eventDataSchema.safeParse(last?.data).success ? last : undefined;
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
    this.#subscription?.unsubscribe();
  }

  async #whole(): Promise<void> {
    const problem = `it is still being read, ${this.#index.size} incidents so far`;
    const late = sleep(PATIENCE_MILLIS, undefined, { ref: false }).then(() => away(new Error(problem)));
    await Promise.race([this.#complete, late]);
  }

  async #read(): Promise<void> {
    const subject = `events.${this.#site}.>`;
    while (!this.#stopped) {
      try {
        const from = { subject, fromSequence: this.#nextSequence };
        await readStream(this.#connection!, 'EVENTS', from, (message) => this.#take(message));
        const options = consumerOpts().orderedConsumer().startSequence(this.#nextSequence);
        this.#subscription = await this.#connection!.jetstream().subscribe(subject, options);
        break;
      } catch (err) {
        if (this.#stopped || this.#connection!.isClosed()) return;
        this.#log.warn({ err }, 'past incidents cannot be read from EVENTS yet');
        await sleep(RETRY_MILLIS);
      }
    }
    if (this.#stopped) return this.#subscription?.unsubscribe();
    this.#index.complete = true;
    this.#completed();
    for await (const message of this.#subscription!) this.#take(message);
  }

  #take(message: JsMsg): void {
    const { streamSequence, timestampNanos } = message.info;
    this.#nextSequence = streamSequence + 1;
    const event = readShape(message.string());
    if (event) this.#index.add(event, streamSequence, timestampNanos / 1e6);
  }
}

/**
 * A message of EVENTS, if it has the shape of ours. Not the whole schema: of a hundred thousand incidents that takes a
 * minute, and only the service may write there.
 */
function readShape(text: string): CloudEvent | undefined {
  try {
    const event = JSON.parse(text) as CloudEvent;
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
