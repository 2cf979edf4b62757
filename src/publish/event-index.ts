import type { NatsConnection } from 'nats';
import type { CloudEvent } from './cloud-event.js';
import { readStream } from './read-stream.js';
import { readEvent } from './takeover.js';

/**
 * Where in EVENTS the last revision of each incident of a site lies. The subject does not tell the incident, so the
 * first question reads the whole stream, and each later one only what came since.
 */
export class EventIndex {
  readonly #connection: NatsConnection;
  readonly #site: string;
  readonly #places = new Map<string, { sequence: number; revision: number }>();
  #readThrough = 0;
  #reading: Promise<void> = Promise.resolve();

  constructor(connection: NatsConnection, site: string) {
    this.#connection = connection;
    this.#site = site;
  }

  /** Undefined where EVENTS holds none (never told, or older than its ten days). */
  async find(incidentId: string): Promise<CloudEvent | undefined> {
    this.#reading = this.#reading.catch(() => undefined).then(() => this.#catchUp());
    await this.#reading;
    const place = this.#places.get(incidentId);
    if (!place) return undefined;
    const { streams } = await this.#connection.jetstreamManager();
    const stored = await streams.getMessage('EVENTS', { seq: place.sequence }).catch((error: unknown) => {
      if ((error as { api_error?: { code: number } }).api_error?.code !== 404) throw error;
      this.#places.delete(incidentId);
      return undefined;
    });
    return stored && readEvent(stored.string());
  }

  async #catchUp(): Promise<void> {
    const { streams } = await this.#connection.jetstreamManager();
    const { last_seq } = (await streams.info('EVENTS')).state;
    // The stream was deleted and made anew: its numbers begin again.
    if (last_seq < this.#readThrough) {
      this.#readThrough = 0;
      this.#places.clear();
    }
    const from = { subject: `events.${this.#site}.>`, fromSequence: this.#readThrough + 1 };
    await readStream(this.#connection, 'EVENTS', from, (message) => {
      this.#readThrough = message.seq;
      const event = readEvent(message.string());
      if (!event) return;
      const { incidentId, revision } = event.data;
      const known = this.#places.get(incidentId);
      if (!known || revision >= known.revision)
        this.#places.set(incidentId, { sequence: message.seq, revision });
    });
  }
}
