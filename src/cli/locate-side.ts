import type { NatsConnection } from 'nats';
import type { ClaimState } from '../claims/index.js';
import type { ServiceConfig, Site } from '../config/index.js';
import type { Model } from '../listen/index.js';
import type { IncidentStep } from '../locate/index.js';
import {
  endOfEvents,
  Publisher,
  type PublisherOptions,
  readEventsFrom,
  readRecentEvents,
  Slices,
  StepLedger,
  type CloudEvent,
  type LatencySeconds,
  type SaidStep,
} from '../publish/index.js';
import type { Silence } from '../privacy/index.js';
import type { Reviewer, ReviewerOptions } from '../review/index.js';
import type { Logger, Metrics } from '../telemetry/index.js';
import type { Auditing } from './auditing.js';
import type { LiveSite } from './live-site.js';
import { outboxName } from './outbox-name.js';
import { Reviewing } from './reviewing.js';
import { utcNow } from './stage-clock.js';

const RETRY_MILLIS = 500;

export interface LocateSideOptions {
  config: ServiceConfig;
  site: Site;
  model: Model;
  metrics: Metrics;
  log: Logger;
  auditing: () => Auditing;
  silence: () => Silence;
  lastEvent: ReviewerOptions['lastEvent'];
  /** Whether this process may speak for the site at this moment. */
  maySend: () => boolean;
}

/** What a process needs to locate: the publisher, what the hub was told, and taking over from another process. */
export class LocateSide {
  readonly #options: LocateSideOptions;
  readonly #ledgers = { live: new StepLedger(), exercise: new StepLedger() };
  #connection: NatsConnection | undefined;
  #nextEvent = 1;
  readonly #reviewing: Reviewing;
  #turn: Promise<unknown> = Promise.resolve();
  #speaks = false;

  private constructor(
    options: LocateSideOptions,
    readonly publisher: Publisher,
    readonly outbox: string,
  ) {
    this.#options = options;
    const { site, metrics, log, lastEvent, auditing } = options;
    this.#reviewing = new Reviewing({
      site,
      publisher,
      lastEvent,
      metrics,
      log,
      onRecorded: (verdict) => auditing().verdict(verdict),
      onExercise: (incidentId) => auditing().exercise(incidentId),
    });
  }

  static async open(options: LocateSideOptions): Promise<LocateSide> {
    const { config, log, metrics, maySend } = options;
    const publisher = await Publisher.open({
      dataFolder: config.data,
      log,
      counters: metrics,
      maxMessages: config.outbox.maxMessages,
      now: utcNow,
      maySend,
      retentionDays: retentionDays(config),
      replicas: config.nats.replicas,
    });
    return new LocateSide(options, publisher, await outboxName(config.data));
  }

  get reviewer(): Reviewer | undefined {
    return this.#reviewing.reviewer;
  }

  /** Before a scrape. */
  measure(): void {
    this.#reviewing.measure();
  }

  /** Sound of a pole that was heard, here or elsewhere: the process that locates counts it. */
  sound(pole: string, seconds: number): void {
    if (this.#speaks) this.#reviewing.sound(pole, seconds);
  }

  /** Sends what an earlier run left, and learns what the hub was told. */
  async connect(nc: NatsConnection): Promise<void> {
    const { site, log } = this.#options;
    this.#connection = nc;
    const { publisher } = this;
    // Another process may have told of what an earlier run left: that is looked at before any of it goes out.
    const left = publisher.outbox.depth > 0;
    if (left) publisher.pause();
    await publisher.attach(nc);
    try {
      this.#nextEvent = await endOfEvents(nc);
      const recent = await readRecentEvents(nc, site.site);
      if (left) publisher.withdrawTwins(recent);
      await this.#learn(recent);
    } catch (err) {
      log.warn({ err }, 'the last events could not be read; open incidents of an earlier run stay open');
    }
    if (left) publisher.resume();
    // What that run left on disk it has told as good as sent.
    await this.#learn(this.publisher.recent());
  }

  /** Nothing before this was heard in full. */
  heardSince(exercise: boolean, timeNanos: bigint): void {
    this.#ledger(exercise).heardSince(timeNanos);
  }

  step(exercise: boolean, step: IncidentStep, latencySeconds: LatencySeconds | undefined): void {
    const said = this.#ledger(exercise).take(step);
    if (said) this.#publish(exercise, said, latencySeconds);
  }

  /** The claim on the site is now in this state, and was in that one. */
  claim(state: ClaimState, before: ClaimState, handedOver: boolean, sites: readonly LiveSite[]): void {
    if (state === 'lost') this.publisher.pause();
    else if (state === 'holding') {
      if (before === 'lost') this.publisher.resume();
      else void this.#inTurn(() => this.#takeOver(handedOver, sites));
    } else if (state === 'waiting' && before === 'lost') void this.#inTurn(() => this.#giveUp());
    else if (state === 'waiting' || state === 'releasing') this.#letGo();
  }

  /** Resolves once what is under way of taking over or giving up is done. */
  settled(): Promise<unknown> {
    return this.#turn;
  }

  /** Counts what is left to count; nothing is told after it. */
  async stop(): Promise<void> {
    await this.settled();
    await this.#reviewing.stop();
  }

  /** In slices: one that stood by for days has much to learn, and a claim to keep meanwhile. */
  async #learn(events: readonly CloudEvent[]): Promise<void> {
    const slices = new Slices();
    for (const event of events) {
      this.publisher.remember([event]);
      this.#ledger(event.data.exercise).told([event]);
      if (slices.due) await slices.rest();
    }
  }

  /** Tries until it is done or the claim is gone: an incident that nobody tells of would be lost. */
  async #takeOver(handedOver: boolean, sites: readonly LiveSite[]): Promise<void> {
    const { log } = this.#options;
    this.#speaks = true;
    while (this.#speaks) {
      try {
        await this.#catchUp();
        break;
      } catch (err) {
        log.warn({ err }, 'what the former locator told cannot be read yet');
        await new Promise((resolve) => setTimeout(resolve, RETRY_MILLIS));
      }
    }
    if (!this.#speaks) return;
    for (const live of sites) {
      const { say, open } = this.#ledger(live.exercise).takeOver(handedOver);
      live.restore(open);
      for (const said of say) this.#publish(live.exercise, said, undefined);
      log.info(
        { told: say.length, open: open.length, exercise: live.exercise, handedOver },
        'this process locates',
      );
    }
    await this.#reviewing.attach(this.#connection!);
    if (!this.#speaks) await this.#reviewing.detach();
  }

  async #catchUp(): Promise<CloudEvent[]> {
    const { events, nextSequence } = await readEventsFrom(
      this.#connection!,
      this.#options.site.site,
      this.#nextEvent,
    );
    this.#nextEvent = nextSequence;
    await this.#learn(events);
    return events;
  }

  #letGo(): void {
    this.#speaks = false;
    this.#ledgers.live.letGo();
    this.#ledgers.exercise.letGo();
    void this.#reviewing.detach();
  }

  /** Another locates since: what it told of need not be told from here too. */
  async #giveUp(): Promise<void> {
    const { log } = this.#options;
    this.#letGo();
    const withdrawn = await this.#catchUp()
      .then((events) => this.publisher.withdraw(events))
      .catch(() => 0);
    log.warn({ withdrawn }, 'another process locates for the site now');
    this.publisher.resume();
  }

  #publish(exercise: boolean, said: SaidStep, latencySeconds: LatencySeconds | undefined): void {
    const { site, model, metrics, silence, log } = this.#options;
    const { closed } = said;
    const told = this.publisher.lastOf(said.step.incident.incidentId) !== undefined;
    const { step, withheld } = silence().ofStep(said.step, { told, exercise });
    if (withheld) metrics.withheld(withheld);
    if (!step) return;
    const { incident, change } = step;
    metrics.incident(incident.class, change);
    metrics.location(
      incident.method,
      incident.accuracy?.semiMajorMeters,
      incident.poles.flatMap(({ residualSeconds }) => residualSeconds ?? []),
    );
    for (const [stage, seconds] of Object.entries(latencySeconds ?? {}))
      metrics.stage(stage, seconds as number);
    const context = {
      site: site.site,
      exercise,
      model,
      ...(closed && { closed }),
      ...(latencySeconds && { latencySeconds }),
    };
    this.publisher
      .publish(step, context)
      .then((event) => event && this.#reviewing.told(event))
      .catch((err: unknown) =>
        log.error({ err, incidentId: incident.incidentId }, 'an event could not be kept'),
      );
  }

  #ledger(exercise: boolean): StepLedger {
    return exercise ? this.#ledgers.exercise : this.#ledgers.live;
  }

  #inTurn(task: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(task, task);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}

function retentionDays({ retention }: ServiceConfig): NonNullable<PublisherOptions['retentionDays']> {
  const { eventsDays, verdictsDays, figuresDays, auditDays } = retention;
  return { EVENTS: eventsDays, VERDICTS: verdictsDays, FIGURES: figuresDays, AUDIT: auditDays };
}
