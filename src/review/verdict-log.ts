import type { NatsConnection } from 'nats';
import { ClameurError } from '../config/index.js';
import { readStream } from '../publish/index.js';
import { readVerdict, type RecordedVerdict } from './verdict.js';

const ACK_TIMEOUT_MILLIS = 5_000;

/** The stream VERDICTS of one site: what operators said, a year long. */
export class VerdictLog {
  readonly #connection: NatsConnection;
  readonly #site: string;

  constructor(connection: NatsConnection, site: string) {
    this.#connection = connection;
    this.#site = site;
  }

  /** Resolves once JetStream has it. Throws VERDICT_NOT_KEPT. */
  async append(verdict: RecordedVerdict): Promise<void> {
    const { incidentId } = verdict;
    try {
      await this.#connection.jetstream().publish(this.#subject(incidentId), JSON.stringify(verdict), {
        timeout: ACK_TIMEOUT_MILLIS,
        expect: { streamName: 'VERDICTS' },
      });
    } catch (cause) {
      throw notKept(incidentId, cause);
    }
  }

  /** The last verdict on an incident. Throws VERDICT_NOT_KEPT where the stream cannot be asked. */
  async last(incidentId: string): Promise<RecordedVerdict | undefined> {
    try {
      const { streams } = await this.#connection.jetstreamManager();
      const stored = await streams.getMessage('VERDICTS', { last_by_subj: this.#subject(incidentId) });
      return readVerdict(stored.string());
    } catch (cause) {
      // 10037: no message found, as against 10059: no stream.
      if ((cause as { api_error?: { err_code?: number } }).api_error?.err_code === 10037) return undefined;
      throw notKept(incidentId, cause);
    }
  }

  /** Every verdict since then, oldest first: of one incident there may be several, the last counts. */
  async since(since: Date): Promise<RecordedVerdict[]> {
    const verdicts: RecordedVerdict[] = [];
    await readStream(
      this.#connection,
      'VERDICTS',
      { subject: `reviews.${this.#site}.>`, since },
      (message) => {
        const verdict = readVerdict(message.string());
        if (verdict) verdicts.push(verdict);
      },
    );
    return verdicts;
  }

  #subject(incidentId: string): string {
    return `reviews.${this.#site}.${incidentId}`;
  }
}

function notKept(incidentId: string, cause: unknown): ClameurError {
  return new ClameurError(
    'VERDICT_NOT_KEPT',
    { incidentId, problem: (cause as Error).message || String(cause) },
    { cause },
  );
}
