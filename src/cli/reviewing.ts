import type { NatsConnection, Subscription } from 'nats';
import type { Site } from '../config/index.js';
import type { CloudEvent, Publisher } from '../publish/index.js';
import {
  answerVerdicts,
  PRECISION_DAYS,
  PrecisionBook,
  Reviewer,
  Tally,
  TallyKeeper,
  VerdictLog,
  zonesOf,
  type RecordedVerdict,
  type ReviewerOptions,
} from '../review/index.js';
import type { Logger, Metrics } from '../telemetry/index.js';

const HOUR_MILLIS = 3_600_000;
const DAY_MILLIS = 24 * HOUR_MILLIS;

export interface ReviewingOptions {
  site: Site;
  publisher: Publisher;
  lastEvent: ReviewerOptions['lastEvent'];
  metrics: Metrics;
  log: Logger;
  onRecorded?: (verdict: RecordedVerdict) => void | Promise<void>;
  onExercise?: (incidentId: string) => void;
}

/** Verdicts, measured precision and the hourly figures of a running service. */
export class Reviewing {
  readonly #options: ReviewingOptions;
  readonly #tally: Tally;
  readonly #zoneOf: (event: Pick<CloudEvent, 'data'>) => string | undefined;
  readonly #book: PrecisionBook;
  readonly #refresh: NodeJS.Timeout;
  #keeper: TallyKeeper | undefined;
  #reviewer: Reviewer | undefined;
  #requests: Subscription | undefined;

  constructor(options: ReviewingOptions) {
    this.#options = options;
    const { site, metrics } = options;
    this.#tally = new Tally(site.site);
    this.#zoneOf = zonesOf(site);
    this.#book = new PrecisionBook(metrics, site.hours?.timeZone);
    this.#refresh = setInterval(() => this.#book.refresh(Date.now()), HOUR_MILLIS);
    this.#refresh.unref();
  }

  /** Takes verdicts from here on; those that an earlier process left untold are told first. */
  async attach(nc: NatsConnection): Promise<void> {
    const { site, publisher, lastEvent, metrics, log, onRecorded } = this.#options;
    const reviewer = new Reviewer({
      connection: nc,
      site: site.site,
      publisher,
      lastEvent,
      counters: metrics,
      log,
      zoneOf: this.#zoneOf,
      onRecorded: async (verdict) => {
        this.#book.add([verdict], Date.now());
        await onRecorded?.(verdict);
      },
    });
    this.#keeper = new TallyKeeper(nc, this.#tally, log);
    try {
      const since = new Date(Date.now() - PRECISION_DAYS * DAY_MILLIS);
      this.#book.add(await new VerdictLog(nc, site.site).since(since), Date.now());
      const mended = await reviewer.mend();
      if (mended > 0)
        log.info({ verdicts: mended }, 'verdicts that an earlier run had not told are told now');
    } catch (err) {
      log.warn({ err }, 'the verdicts before this start could not be read');
    }
    this.#requests = answerVerdicts(nc, site.site, reviewer, log);
    this.#reviewer = reviewer;
  }

  /** Another process locates, and answers, from here on. */
  async detach(): Promise<void> {
    if (this.#requests && !this.#requests.isClosed()) this.#requests.unsubscribe();
    this.#requests = undefined;
    this.#reviewer = undefined;
    const keeper = this.#keeper;
    this.#keeper = undefined;
    await keeper?.stop();
  }

  /** Absent while this process does not locate. */
  get reviewer(): Reviewer | undefined {
    return this.#reviewer;
  }

  sound(pole: string, seconds: number): void {
    this.#tally.sound(pole, seconds);
  }

  /** The first message of an incident. */
  told(event: CloudEvent): void {
    if (event.data.revision !== 1) return;
    if (event.data.exercise) this.#options.onExercise?.(event.data.incidentId);
    else this.#tally.alert(event.data.class, this.#zoneOf(event));
  }

  /** Before a scrape. */
  measure(): void {
    const since = Date.now() - DAY_MILLIS;
    const open = this.#options.publisher
      .recent()
      .filter(({ data }) => !data.review && !data.exercise && Date.parse(data.onset) >= since);
    this.#options.metrics.unconfirmed(open.map(({ data }) => data.class));
  }

  async stop(): Promise<void> {
    clearInterval(this.#refresh);
    await this.detach();
  }
}
