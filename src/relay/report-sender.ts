import { Events, type NatsConnection } from 'nats';
import { encodeReport, reportSubject, type PoleReport } from './hearing-report.js';

/** What a report adds to an event's latency is half of this. */
const REPORT_MILLIS = 50;
/** So often all is told anew: a locator that starts knows every pole after this. */
const FULL_EVERY = 20;

export interface ReportSenderOptions {
  connection: NatsConnection;
  site: string;
  listener: string;
  exercise: boolean;
  /** Sequence of the last detection sent. */
  sent: () => number;
}

/**
 * A listener's heartbeat: what changed since the last one each 50 ms, all of it each second. While nobody else is there
 * to hear it (`active` false) it only keeps what it would tell.
 */
export class ReportSender {
  readonly #options: ReportSenderOptions;
  readonly #known = new Map<string, PoleReport>();
  readonly #changed = new Map<string, PoleReport>();
  readonly #timer: NodeJS.Timeout;
  #beats = 0;
  #connected = true;
  #active = false;

  constructor(options: ReportSenderOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#beat(), REPORT_MILLIS);
    void this.#follow();
  }

  get active(): boolean {
    return this.#active;
  }

  set active(active: boolean) {
    if (active && !this.#active)
      for (const [pole, known] of this.#known) this.#changed.set(pole, { ...known });
    this.#active = active;
  }

  tell(pole: string, what: PoleReport): void {
    const known = this.#known.get(pole);
    if (known) Object.assign(known, what);
    else this.#known.set(pole, { ...what });
    if (!this.#active) return;
    const changed = this.#changed.get(pole);
    if (changed) Object.assign(changed, what);
    else this.#changed.set(pole, { ...what });
  }

  knows(pole: string): boolean {
    return this.#known.has(pole);
  }

  /** The pole is let go: told once, then no more. */
  leave(pole: string): void {
    this.#known.delete(pole);
    if (this.#active) this.#changed.set(pole, { ...this.#changed.get(pole), live: false, left: true });
  }

  /** Sends what is left. */
  stop(): void {
    clearInterval(this.#timer);
    for (const pole of [...this.#known.keys()]) this.leave(pole);
    if (this.#active) this.#send(this.#changed);
  }

  #beat(): void {
    if (!this.#active) return;
    this.#beats++;
    if (this.#beats % FULL_EVERY === 0) {
      for (const [pole, known] of this.#known) this.tell(pole, known);
      this.#send(this.#changed);
    } else if (this.#changed.size > 0) this.#send(this.#changed);
  }

  #send(poles: Map<string, PoleReport>): void {
    const { connection, site, listener, exercise, sent } = this.#options;
    // While NATS is away the library would keep every report and send them all at once: old ones tell nothing.
    if (this.#connected && !connection.isClosed())
      connection.publish(
        reportSubject(site, listener),
        encodeReport({ listener, exercise, sent: sent(), poles }),
      );
    this.#changed.clear();
  }

  async #follow(): Promise<void> {
    for await (const { type } of this.#options.connection.status()) {
      if (type === Events.Disconnect) this.#connected = false;
      if (type === Events.Reconnect) this.#connected = true;
    }
  }
}
