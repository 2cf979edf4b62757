import type { NatsConnection } from 'nats';
import { readStream } from '../publish/index.js';
import type { Logger } from '../telemetry/index.js';
import { tallySchema, type Tally, type TallyRecord } from './tally.js';

const ACK_TIMEOUT_MILLIS = 5_000;
/** A crash loses no more; figures per pole-day then look worse than they are, never better. */
const HOUR_MILLIS = 3_600_000;

/** Puts a tally into the stream FIGURES every hour and at the end; what is not acknowledged is counted on. */
export class TallyKeeper {
  readonly #connection: NatsConnection;
  readonly #tally: Tally;
  readonly #log: Logger;
  readonly #timer: NodeJS.Timeout;

  constructor(connection: NatsConnection, tally: Tally, log: Logger) {
    this.#connection = connection;
    this.#tally = tally;
    this.#log = log;
    this.#timer = setInterval(() => void this.keep(), HOUR_MILLIS);
    this.#timer.unref();
  }

  async keep(): Promise<void> {
    const record = this.#tally.read();
    if (record.from === record.to) return;
    try {
      await this.#connection.jetstream().publish(`figures.${record.site}`, JSON.stringify(record), {
        timeout: ACK_TIMEOUT_MILLIS,
        expect: { streamName: 'FIGURES' },
      });
      this.#tally.reset(record);
    } catch (err) {
      this.#log.warn({ err }, 'the hour’s figures are not stored; they are counted on');
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    if (!this.#connection.isClosed()) await this.keep();
  }
}

/** The tallies of a site that end after `since`, oldest first. */
export async function readTallies(nc: NatsConnection, site: string, since: Date): Promise<TallyRecord[]> {
  const tallies: TallyRecord[] = [];
  await readStream(nc, 'FIGURES', { subject: `figures.${site}`, since }, (message) => {
    try {
      const read = tallySchema.safeParse(JSON.parse(message.string()));
      if (read.success) tallies.push(read.data);
    } catch {
      // Not one of ours; figures go on without it.
    }
  });
  return tallies;
}
