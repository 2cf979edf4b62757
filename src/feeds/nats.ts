import type { Msg, NatsConnection, NatsError, Subscription } from 'nats';
import type { Nanos } from '../audio/index.js';
import type { Pole, Site } from '../config/index.js';
import { noFeedCounters, type FeedCounters } from './counters.js';
import type { Feed, FeedListener, FeedShare, FeedState, SoundBlock } from './feed.js';
import type { ShelvedFrame } from './frame-shelf.js';
import { PoleFeed } from './pole-feed.js';
import { SIGNATURE_HEADER } from './signature.js';
import { Standby } from './standby.js';

export interface NatsFeedOptions {
  connection: NatsConnection;
  site: Site;
  /** First token of the subject: `audio`, or `exercise` for exercises, which are feeds of their own. */
  prefix?: string;
  /** Listen to these poles only; default: all of the site. Then each has a subscription, and others' sound is not sent here. */
  poles?: readonly string[];
  /** Poles whose sound comes another way; frames that claim to be theirs are dropped. */
  elsewhere?: readonly string[];
  counters?: FeedCounters;
  /** For instance a FloodLog. */
  log?: { warn(key: string, fields: object, message: string): void };
  /** For tests of what hours do. */
  monotonicSeconds?: () => number;
  nowNanos?: () => Nanos;
}

const TICK_MILLIS = 250;
/** Poles outside the site that get a line in the log; a sender may make up names without end. */
const MAX_UNKNOWN_LOGGED = 100;

/** The live sound of a site's poles: frames on core NATS, `<prefix>.<site>.<pole>`. Survives any payload. */
export class NatsFeed implements Feed {
  readonly #options: NatsFeedOptions;
  readonly #base: string;
  readonly #counters: FeedCounters;
  readonly #feeds = new Map<string, PoleFeed>();
  readonly #unknown = new Set<string>();
  #listener: FeedListener | undefined;
  /** The poles to listen to; undefined: all. */
  #wanted: ReadonlySet<string> | undefined;
  readonly #standby = new Standby(
    (pole, frame) => this.#hear(pole, frame),
    (pole, frames) => {
      for (let k = 0; k < frames; k++) this.#counters.frameDropped(pole, 'rescued_too_late');
    },
  );
  #subscriptions = new Map<string, Subscription>();
  #timer: NodeJS.Timeout | undefined;

  /** Throws SITE_INVALID where a pole's public key is none. */
  constructor(options: NatsFeedOptions) {
    this.#options = options;
    this.#base = `${options.prefix ?? 'audio'}.${options.site.site}.`;
    this.#counters = options.counters ?? noFeedCounters;
    this.#wanted = options.poles && new Set(options.poles);
    for (const pole of options.site.poles) {
      if (pole.recorded && !options.elsewhere?.includes(pole.pole))
        this.#feeds.set(pole.pole, this.#makeFeed(pole));
    }
  }

  /** Resolves once the server has the subscriptions. */
  async start(listener: FeedListener): Promise<void> {
    this.#listener = listener;
    for (const pole of this.#feeds.keys())
      if (this.#wanted?.has(pole) ?? true) listener.onState(pole, 'waiting');
    for (const token of this.#tokens) this.#subscribe(token);
    this.#timer = setInterval(() => {
      this.#standby.tick(this.#nowSeconds());
      this.#feeds.forEach((feed) => feed.tick());
    }, TICK_MILLIS);
    this.#timer.unref();
    await this.#options.connection.flush();
  }

  /**
   * Changes which poles are listened to; the sound held of those let go is wiped. What is new is subscribed to before
   * anything is let go, so that a pole that stays loses no frame.
   */
  async setPoles({ poles, standby = [], rescued = [] }: FeedShare): Promise<void> {
    const before = this.#wanted;
    this.#wanted = poles && new Set(poles);
    const known = standby.filter((pole) => this.#feeds.has(pole) && !poles?.includes(pole));
    this.#standby.share(known, rescued);
    if (!this.#listener) return;
    const wanted = this.#tokens;
    for (const token of wanted) if (!this.#subscriptions.has(token)) this.#subscribe(token);
    for (const [token, subscription] of [...this.#subscriptions]) {
      if (wanted.has(token)) continue;
      subscription.unsubscribe();
      this.#subscriptions.delete(token);
    }
    for (const pole of this.#feeds.keys()) {
      if (this.#wanted && !this.#wanted.has(pole)) this.#letGo(pole);
      else if (before && !before.has(pole)) this.#listener?.onState(pole, 'waiting');
    }
    this.#standby.rescue();
    await this.#options.connection.flush();
  }

  stop(): Promise<void> {
    clearInterval(this.#timer);
    for (const subscription of this.#subscriptions.values()) subscription.unsubscribe();
    this.#subscriptions.clear();
    this.#standby.stop();
    for (const feed of this.#feeds.values()) feed.wipe();
    this.#listener = undefined;
    return Promise.resolve();
  }

  states(): Map<string, FeedState> {
    return new Map([...this.#feeds].map(([pole, feed]) => [pole, feed.state]));
  }

  /** Last tokens of the subjects to subscribe to. */
  get #tokens(): ReadonlySet<string> {
    return new Set(this.#wanted ? [...this.#wanted, ...this.#standby.poles] : ['>']);
  }

  #makeFeed(pole: Pole): PoleFeed {
    const { monotonicSeconds, nowNanos } = this.#options;
    return new PoleFeed(pole, {
      counters: this.#counters,
      monotonicSeconds: monotonicSeconds ?? monotonic,
      nowNanos: nowNanos ?? (() => BigInt(Date.now()) * 1_000_000n),
      onState: (state, reason) => this.#listener?.onState(pole.pole, state, reason),
    });
  }

  /** The pole is another's: here it waits, as if it had never sent. */
  #letGo(name: string): void {
    this.#standby.letGo(name);
    const feed = this.#feeds.get(name);
    const pole = this.#options.site.poles.find((one) => one.pole === name);
    if (!feed || !pole || feed.state === 'waiting') return;
    feed.wipe();
    this.#feeds.set(name, this.#makeFeed(pole));
  }

  #subscribe(token: string): void {
    const subscription = this.#options.connection.subscribe(this.#base + token, {
      callback: (error, message) => (error ? this.#refused(error) : this.#accept(message)),
    });
    this.#subscriptions.set(token, subscription);
  }

  #refused(error: NatsError): void {
    this.#options.log?.warn(
      'subscription',
      { subject: this.#base, err: error },
      `NATS refuses ${this.#base}> (${error.message}); let this user subscribe to it`,
    );
  }

  #accept(message: Msg): void {
    const listener = this.#listener;
    if (!listener) return;
    const pole = message.subject.slice(this.#base.length);
    const feed = this.#feeds.get(pole);
    if (!feed) return this.#stranger(pole);
    const frame = {
      subject: message.subject,
      payload: message.data,
      signature: message.headers?.get(SIGNATURE_HEADER),
    };
    if (!this.#standby.keeps(pole, frame, this.#nowSeconds())) void this.#hear(pole, frame);
  }

  #hear(pole: string, { subject, payload, signature }: ShelvedFrame): Promise<unknown> | void {
    const listener = this.#listener;
    const blocks = this.#feeds.get(pole)?.accept(subject, payload, signature);
    if (!listener || !blocks) return;
    let wait: Promise<unknown> | void = undefined;
    for (const block of blocks) wait = this.#deliver(listener, pole, block) ?? wait;
    return wait;
  }

  /** Live sound waits for nobody; a listener that cannot keep up sheds by itself. One that throws stops no other pole. */
  #deliver(listener: FeedListener, pole: string, block: SoundBlock): Promise<void> | void {
    const lost = (error: unknown): void =>
      this.#options.log?.warn(pole, { pole, err: error }, `sound of pole ${pole} was lost: ${String(error)}`);
    try {
      return listener.onBlock(pole, block)?.catch(lost);
    } catch (error) {
      lost(error);
    }
  }

  #nowSeconds(): number {
    return (this.#options.monotonicSeconds ?? monotonic)();
  }

  #stranger(pole: string): void {
    this.#counters.frameDropped(pole, 'unknown_pole');
    if (this.#unknown.has(pole) || this.#unknown.size >= MAX_UNKNOWN_LOGGED) return;
    this.#unknown.add(pole);
    this.#options.log?.warn(
      pole,
      { pole, subject: this.#base + pole },
      `frames of pole "${pole}", which is not in site "${this.#options.site.site}", not recorded, or fed by a stream; add it to site.geojson, or mend the sender's subject`,
    );
  }
}

function monotonic(): number {
  return performance.now() / 1000;
}
