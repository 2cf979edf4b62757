import type { NatsConnection } from 'nats';
import type { ServiceConfig, Site } from '../config/index.js';
import { deleteUnconfirmed, KillSwitch, Silence } from '../privacy/index.js';
import type { Publisher } from '../publish/index.js';
import type { Logger, Metrics } from '../telemetry/index.js';
import type { Auditing } from './auditing.js';

const DAY_MILLIS = 86_400_000;
const SWEEP_MILLIS = 6 * 3_600_000;

export interface SilencingOptions {
  config: ServiceConfig;
  site: Site;
  /** Where this process locates. */
  publisher?: Publisher;
  auditing: Auditing;
  metrics: Metrics;
  log: Logger;
}

/** The kill switch, hours and mute zones of a running service, and the end of what nobody confirmed. */
export class Silencing {
  readonly silence: Silence;
  readonly #options: SilencingOptions;
  readonly #killSwitch: KillSwitch | undefined;
  #sweep: NodeJS.Timeout | undefined;

  private constructor(options: SilencingOptions) {
    this.#options = options;
    const { config, site, publisher, auditing, log } = options;
    if (config.killSwitch !== undefined) {
      this.#killSwitch = new KillSwitch(config.killSwitch, (state) => {
        log.warn(
          { ...state },
          state.on ? 'the kill switch is on: the service listens' : 'the kill switch is off',
        );
        publisher?.hold(!state.on);
        auditing.switched({ ...state });
      });
      publisher?.hold(true);
    }
    this.silence = new Silence({ site, ...(this.#killSwitch && { killSwitch: this.#killSwitch }) });
  }

  static async start(options: SilencingOptions): Promise<Silencing> {
    const silencing = new Silencing(options);
    await silencing.#killSwitch?.start();
    return silencing;
  }

  attach(nc: NatsConnection): void {
    const { config, site, log } = this.#options;
    const sweep = async (): Promise<void> => {
      const before = new Date(Date.now() - config.retention.unconfirmedDays * DAY_MILLIS);
      try {
        const incidents = await deleteUnconfirmed(nc, site.site, before);
        if (incidents > 0)
          log.info({ incidents }, 'incidents that nobody confirmed were deleted from EVENTS');
      } catch (err) {
        log.error({ err }, 'unconfirmed incidents could not be deleted; it is tried again in some hours');
      }
    };
    void sweep();
    this.#sweep = setInterval(() => void sweep(), SWEEP_MILLIS);
    this.#sweep.unref();
  }

  /** A few times a second, and before a scrape. */
  tick(): void {
    const { publisher, metrics } = this.#options;
    if (this.#killSwitch) publisher?.hold(!this.#killSwitch.state.on);
    metrics.silent(this.silence.ofSite(Date.now()));
  }

  stop(): void {
    this.#killSwitch?.stop();
    clearInterval(this.#sweep);
  }
}
