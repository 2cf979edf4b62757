import type { NatsConnection } from 'nats';
import type { ServiceConfig } from '../config/index.js';
import { startClassifier, type Classifier, type Model } from '../listen/index.js';
import { DetectionSender, ReportSender } from '../relay/index.js';
import type { Logger, Metrics } from '../telemetry/index.js';
import { OverloadWatch } from './overload-watch.js';

/** A fiftieth of the second that an event may take, for batches several times as large. */
const BATCH_WAIT_MILLIS = 20;
const FLUSH_SECONDS = 1;

/** What a process needs to listen: the classifier, and the way of its detections to the locators elsewhere. */
export class ListenSide {
  readonly #reports: ReportSender[] = [];
  readonly #log: Logger;
  readonly #metrics: Metrics;
  readonly overload: OverloadWatch;
  #sender: DetectionSender | undefined;

  private constructor(
    readonly classifier: Classifier,
    log: Logger,
    metrics: Metrics,
  ) {
    this.#log = log;
    this.#metrics = metrics;
    this.overload = new OverloadWatch(classifier, metrics, log);
  }

  static async open(config: ServiceConfig, model: Model, metrics: Metrics, log: Logger): Promise<ListenSide> {
    const classifier = await startClassifier(model, {
      workers: config.model.workers,
      batchWaitMillis: BATCH_WAIT_MILLIS,
      onInference: (seconds) => metrics.inference(seconds),
      onError: (err) => log.error({ err }, 'the classifier failed'),
    });
    return new ListenSide(classifier, log, metrics);
  }

  /** For one site's live sound, or its exercises. */
  connect(connection: NatsConnection, site: string, listener: string, exercise: boolean) {
    this.#sender ??= new DetectionSender({
      connection,
      site,
      listener,
      counters: this.#metrics,
      log: this.#log,
    });
    const sender = this.#sender;
    const reports = new ReportSender({ connection, site, listener, exercise, sent: () => sender.sent });
    this.#reports.push(reports);
    return { classifier: this.classifier, overload: this.overload, sender, reports };
  }

  /** Whether anyone elsewhere is there to be told. */
  set relaying(active: boolean) {
    for (const reports of this.#reports) reports.active = active;
  }

  async flush(): Promise<void> {
    await this.#sender?.flush(FLUSH_SECONDS);
  }

  async close(): Promise<void> {
    this.overload.stop();
    await this.classifier.close();
  }
}
