import type { NatsConnection } from 'nats';
import type { ServiceConfig, Site } from '../config/index.js';
import { mergeThresholds, type Model } from '../listen/index.js';
import { transparencyRecord, type OperatorRecord, type TransparencyRecord } from '../privacy/index.js';
import { readReport, type Report } from '../review/index.js';
import { listenOptions } from './live-site.js';

const SPAN_MILLIS = 30 * 86_400_000;
/** The figures need EVENTS read; the page is for anyone, and must not make work without end. */
const FRESH_MILLIS = 600_000;

export interface TransparencySource {
  version: string;
  config: ServiceConfig;
  site: Site;
  model: Model;
  operator?: OperatorRecord;
  auditPublicKey?: string;
}

/** The record of a running service or of a command; figures are those of the last thirty days. */
export class Transparency {
  readonly #source: TransparencySource;
  readonly #connection: () => NatsConnection | undefined;
  #figures: Promise<Report | undefined> | undefined;
  #readAt = -Infinity;

  constructor(source: TransparencySource, connection: () => NatsConnection | undefined) {
    this.#source = source;
    this.#connection = connection;
  }

  async record(): Promise<TransparencyRecord> {
    const { model, config, ...rest } = this.#source;
    const figures = await this.figures();
    return transparencyRecord({
      ...rest,
      config,
      model: {
        name: model.name,
        version: model.version,
        sha256: model.sha256,
        ...(model.card && { card: model.card }),
      },
      thresholds: mergeThresholds(model.thresholds, listenOptions(config).thresholds),
      ...(figures && { figures }),
    });
  }

  /** Undefined where NATS cannot be asked; asked again soon then. */
  figures(): Promise<Report | undefined> {
    if (this.#figures && performance.now() - this.#readAt < FRESH_MILLIS) return this.#figures;
    this.#readAt = performance.now();
    this.#figures = this.#read().catch(() => {
      this.#readAt = -Infinity;
      return undefined;
    });
    return this.#figures;
  }

  async #read(): Promise<Report | undefined> {
    const nc = this.#connection();
    if (!nc) throw new Error('not connected');
    const toMillis = Date.now();
    const { unconfirmedDays } = this.#source.config.retention;
    return readReport(nc, this.#source.site, {
      fromMillis: toMillis - SPAN_MILLIS,
      toMillis,
      unconfirmedDays,
    });
  }
}
