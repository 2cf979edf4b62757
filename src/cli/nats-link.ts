import { ErrorCode, Events, type NatsConnection } from 'nats';
import type { ServiceConfig } from '../config/index.js';
import { connectNats } from '../publish/index.js';
import type { Logger } from '../telemetry/index.js';

/** The service's one connection, and why there is none now. */
export class NatsLink {
  #connection: NatsConnection | undefined;
  #trouble: string | undefined;

  constructor(
    private readonly nats: ServiceConfig['nats'],
    private readonly log: Logger,
  ) {}

  /** Undefined until `open` ended; lost and found again it stays the same. */
  get connection(): NatsConnection | undefined {
    return this.#connection;
  }

  get isUp(): boolean {
    return this.#connection !== undefined && this.#trouble === undefined;
  }

  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Tries until a server answers; undefined, and closed again, if by then nobody wants it. */
  async open(isWanted: () => boolean): Promise<NatsConnection | undefined> {
    const nc = await connectNats(this.nats, (err) => {
      this.#trouble = err.message;
      this.log.warn({ err }, 'NATS is not reached; it is tried again');
    });
    if (!isWanted()) return void (await nc.close());
    this.#connection = nc;
    this.#trouble = undefined;
    this.log.info({ server: nc.getServer() }, 'NATS connected');
    void this.#watch(nc);
    return nc;
  }

  async close(): Promise<void> {
    await this.#connection?.close();
  }

  /** Says once an outage why it lasts, and that it is over. */
  async #watch(nc: NatsConnection): Promise<void> {
    for await (const { type, data } of nc.status()) {
      // Told again for each try that fails.
      if (type === Events.Disconnect && this.#trouble === undefined) {
        this.#trouble = 'connection lost';
        this.log.warn('NATS is gone; it is tried again');
      } else if (type === Events.Error && data === ErrorCode.AuthorizationViolation) {
        if (this.#trouble !== data) this.log.warn('NATS refuses the user; it is tried again');
        this.#trouble = data;
      } else if (type === Events.Reconnect) {
        this.#trouble = undefined;
        this.log.info({ server: nc.getServer() }, 'NATS connected again');
      }
    }
  }
}
