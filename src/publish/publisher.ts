import { join } from 'node:path';
import { Events, type NatsConnection } from 'nats';
import type { Nanos } from '../audio/index.js';
import { ClameurError } from '../config/index.js';
import { isSameBlast, isSameIncident, type Incident, type IncidentStep } from '../locate/index.js';
import { noPublishCounters, type Logger, type PublishCounters } from '../telemetry/index.js';
import { ageSeconds } from './age.js';
import { CLOUD_EVENT_CONTENT_TYPE, type CloudEvent, type EventContext } from './cloud-event.js';
import { composeEvent, eventSubject } from './event.js';
import { EventHistory } from './event-history.js';
import type { Review } from './event-schema.js';
import { jetStreamSender } from './jetstream-sender.js';
import { Outbox, type OutboxOptions, type Send } from './outbox.js';
import { afterReview, reviewedEvent } from './reviewed.js';
import { ensureStreams, type EnsureStreamsOptions } from './streams.js';
import { incidentFromData, readEvent } from './takeover.js';

export interface PublisherOptions extends Pick<OutboxOptions, 'maxMessages'> {
  /** The service's data folder; the outbox lies in `outbox` under it. */
  dataFolder: string;
  log: Logger;
  counters?: PublishCounters;
  /** UTC now. Given by a live service, which then tells its latency; absent for recordings, whose time is not now. */
  now?: () => Nanos;
  /** Whether an event may leave this process at this moment; see SiteClaim. */
  maySend?: () => boolean;
  /** How long streams keep what they hold, where that is less than design.md's; see ensureStreams. */
  retentionDays?: EnsureStreamsOptions['retentionDays'];
  /** Copies of each stream; see ensureStreams. */
  replicas?: number;
}

/** Events on their way to the hub: composed, kept on disk, sent until acknowledged. */
export class Publisher {
  readonly outbox: Outbox;
  readonly #log: Logger;
  readonly #counters: PublishCounters;
  readonly #now: (() => Nanos) | undefined;
  readonly #maySend: () => boolean;
  readonly #history = new EventHistory();
  #connection: NatsConnection | undefined;
  #retry: NodeJS.Timeout | undefined;
  #streamsKnown = false;
  #paused = false;
  #held = false;
  readonly #streams: Pick<EnsureStreamsOptions, 'retentionDays' | 'replicas'>;

  private constructor(outbox: Outbox, options: PublisherOptions) {
    const { log, counters = noPublishCounters, now, maySend = () => true } = options;
    this.outbox = outbox;
    this.#log = log;
    this.#counters = counters;
    this.#now = now;
    this.#maySend = maySend;
    const { retentionDays, replicas } = options;
    this.#streams = { ...(retentionDays && { retentionDays }), ...(replicas !== undefined && { replicas }) };
  }

  /** While held nothing goes out, whatever NATS does; it waits on disk. */
  hold(held: boolean): void {
    if (held === this.#held) return;
    this.#held = held;
    this.#lead();
  }

  /** Throws OUTBOX_LOCKED where another process holds the folder. */
  static async open(options: PublisherOptions): Promise<Publisher> {
    const { dataFolder, log, counters, maxMessages } = options;
    const outbox = await Outbox.open({
      folder: join(dataFolder, 'outbox'),
      log,
      ...(counters && { counters }),
      ...(maxMessages !== undefined && { maxMessages }),
    });
    const publisher = new Publisher(outbox, options);
    publisher.remember(outbox.bodies().flatMap((body) => readEvent(body) ?? []));
    return publisher;
  }

  /**
   * Takes the connection, makes the streams, and sends from then on; follows its outages. Throws SOUND_STORED where a
   * stream would hold sound. Other trouble with the streams is logged and tried again: events wait on disk meanwhile.
   */
  async attach(nc: NatsConnection): Promise<void> {
    this.#connection = nc;
    void this.#follow(nc);
    await this.#connected(nc);
  }

  /**
   * Events are kept on disk and none is sent, whether there is a connection or not: while this process cannot be sure
   * that it is the one that speaks for the site.
   */
  pause(): void {
    this.#paused = true;
    this.#lead();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#lead();
  }

  /**
   * Takes back what was not sent of incidents that another process has told of since: under the same name, or, where the
   * hub knows nothing of ours yet, under another.
   */
  withdraw(told: readonly CloudEvent[]): number {
    return this.#withdraw(told, isSameIncident, new Set(told.map(({ data }) => data.incidentId)));
  }

  /**
   * Takes back what an earlier run left unsent of blasts that another process has told of under another name. What the
   * hub knows under our name goes out: some of what was told may be that run's own.
   */
  withdrawTwins(told: readonly CloudEvent[]): number {
    return this.#withdraw(told, isSameBlast, new Set());
  }

  #withdraw(
    told: readonly CloudEvent[],
    isSame: (known: Incident, own: Incident) => boolean,
    vain: Set<string>,
  ): number {
    const incidents = new Map(told.map(({ data }) => [data.incidentId, incidentFromData(data)]));
    return this.outbox.withdraw(({ lane, body }) => {
      const { type, data } = JSON.parse(body) as CloudEvent;
      // In order within a lane: where its first message waits, so do all.
      if (!vain.has(lane) && type.includes('.detected.')) {
        const own = incidentFromData(data);
        if ([...incidents].some(([id, known]) => id !== own.incidentId && isSame(known, own))) vain.add(lane);
      }
      return vain.has(lane);
    });
  }

  /** Whether events can go out: connected, and the stream EVENTS is there. */
  get ready(): boolean {
    return this.#streamsKnown && this.#connection !== undefined && !this.#connection.isClosed();
  }

  /**
   * The last event of each incident that this process told of, was told of by `remember`, or found in its outbox; the
   * one last spoken of first.
   */
  recent(): readonly CloudEvent[] {
    return this.#history.last();
  }

  /** What EVENTS tells of the incidents that a takeover goes on with; see EventHistory. */
  remember(events: Iterable<CloudEvent>): void {
    for (const event of events) this.#history.add(event);
  }

  /**
   * Resolves once the event is safe on disk, with the event; undefined where it would tell the hub nothing new.
   * Calls for one incident must come in the order of its steps.
   */
  async publish(step: IncidentStep, context: EventContext): Promise<CloudEvent | undefined> {
    const carried = afterReview(step, this.#history.lastOf(step.incident.incidentId));
    const event = this.#history.compose((recurrence) =>
      composeEvent(carried.step, {
        ...context,
        ...carried.context,
        ...this.#latency(step, context),
        ...(recurrence > 1 && { recurrence }),
      }),
    );
    if (!event) {
      this.#counters.event(step.incident.class, 'unchanged');
      return undefined;
    }
    const live = this.#now && ageSeconds(step.decidedByNanos, this.#now()) !== undefined;
    await this.#put(event, context.site, live ? step.decidedByNanos : undefined);
    return event;
  }

  /** The last event of an incident, as far as this process knows it; see `remember`. */
  lastOf(incidentId: string): CloudEvent | undefined {
    return this.#history.lastOf(incidentId);
  }

  /** Puts a verdict into the incident of `last`, or of what is newer than it; resolves once that is safe on disk. */
  async publishReview(last: CloudEvent, review: Review, site: string): Promise<CloudEvent> {
    const known = this.#history.lastOf(last.data.incidentId);
    const event = reviewedEvent(known && known.data.revision >= last.data.revision ? known : last, review);
    this.#history.add(event);
    await this.#put(event, site, undefined);
    return event;
  }

  /** As publish, for an event that is composed already (a replay that publishes what it printed). */
  async publishEvent(event: CloudEvent, site: string): Promise<void> {
    this.#history.add(event);
    await this.#put(event, site, undefined);
  }

  /** Waits until all is acknowledged, at most so long; gives the number of events that stay on disk. */
  flush(timeoutSeconds: number): Promise<number> {
    return this.outbox.flush(timeoutSeconds);
  }

  /** Frees the outbox. The connection stays its owner's. */
  async close(): Promise<void> {
    clearTimeout(this.#retry);
    this.#connection = undefined;
    await this.outbox.close();
  }

  #put(event: CloudEvent, site: string, decidedBy: Nanos | undefined): Promise<void> {
    const { id, data } = event;
    return this.outbox.put({
      id,
      subject: eventSubject(site, data.class),
      lane: data.incidentId,
      revision: data.revision,
      eventClass: data.class,
      body: JSON.stringify(event),
      contentType: CLOUD_EVENT_CONTENT_TYPE,
      since: Date.now(),
      ...(decidedBy !== undefined && { decidedAt: Number(decidedBy / 1000n) / 1000 }),
    });
  }

  /** Gives the outbox its way out, or takes it. */
  #lead(): void {
    const nc = this.#connection;
    const open = this.#streamsKnown && !this.#paused && !this.#held;
    this.outbox.attach(nc && open ? this.#sender(nc) : undefined);
  }

  /** The stages that the context gives, and what follows from the clock: the whole, and the rest as `publish`. */
  #latency(step: IncidentStep, { latencySeconds }: EventContext): Pick<EventContext, 'latencySeconds'> {
    if (!this.#now) return latencySeconds ? { latencySeconds } : {};
    const total = ageSeconds(step.decidedByNanos, this.#now());
    if (total === undefined) return {};
    const { transport = 0, listen = 0, locate = 0 } = latencySeconds ?? {};
    const publish = total - transport - listen - locate;
    return { latencySeconds: { ...latencySeconds, ...(latencySeconds && { publish }), total } };
  }

  async #connected(nc: NatsConnection): Promise<void> {
    clearTimeout(this.#retry);
    if (nc !== this.#connection || nc.isClosed()) return;
    try {
      await ensureStreams(nc, {
        log: this.#log,
        counters: this.#counters,
        ...this.#streams,
      });
      this.#streamsKnown = true;
      if (nc === this.#connection) this.#lead();
    } catch (err) {
      const code = (err as { code?: string }).code;
      this.#streamsKnown = false;
      this.#lead();
      if (code === 'SOUND_STORED') throw err;
      this.#log.error({ err }, 'events wait on disk: the streams are not there yet');
      this.#retry = setTimeout(() => void this.#connected(nc).catch(this.#complain), 2000);
    }
  }

  readonly #complain = (err: unknown): void =>
    this.#log.fatal({ err }, 'events wait on disk until this is mended');

  /** JetStream answers "no responders" where the stream went away under us: make it again. */
  #sender(nc: NatsConnection): Send {
    const send = jetStreamSender(nc);
    return async (message) => {
      if (!this.#maySend()) throw new ClameurError('CLAIM_UNSURE');
      try {
        await send(message);
      } catch (error) {
        if ((error as { code?: string }).code === '503' && this.#streamsKnown) {
          this.#streamsKnown = false;
          this.#retry = setTimeout(() => void this.#connected(nc).catch(this.#complain), 250);
        }
        throw error;
      }
    };
  }

  async #follow(nc: NatsConnection): Promise<void> {
    for await (const { type } of nc.status()) {
      if (nc !== this.#connection) return;
      if (type === Events.Disconnect) {
        this.#streamsKnown = false;
        this.#lead();
      }
      if (type === Events.Reconnect) await this.#connected(nc).catch(this.#complain);
    }
  }
}
