import type { NatsConnection, Subscription } from 'nats';
import type { Logger } from '../telemetry/index.js';
import { ClaimBucket } from './bucket.js';
import type { ClaimState } from './claim-state.js';
import { LeaseBook } from './lease-book.js';

const RENEW_MILLIS = 1_000;
const POLL_MILLIS = 500;
/** How soon a missed renewal is noticed. */
const WATCH_MILLIS = 100;
/** Without a look for so long nothing is concluded: this process is slow itself, or cut off. */
const BLIND_SECONDS = 1.5;
/** A change is looked at this soon after it was made. */
const SOON_MILLIS = 20;

/** What a process tells of itself in its lease. */
export interface ProcessLease {
  process: string;
  site: string;
  role: 'listen' | 'locate' | 'both';
  host: string;
  /** The poles that it hears now. */
  poles: readonly string[];
  /** It is about to end. */
  leaving: boolean;
  /** Its claim on the site; absent where it only listens. */
  claim?: ClaimState;
  /** The outbox it writes to, where it locates; see ClaimValue. */
  outbox?: string;
}

export interface OtherProcess extends ProcessLease {
  /** It has missed a renewal, and may be dead. */
  suspect: boolean;
}

export interface BoardOptions {
  connection: NatsConnection;
  bucket: ClaimBucket;
  /** This process; asked for at each renewal. */
  self: () => ProcessLease;
  /** The others that live, after each look and when one is suspected; called at least twice a second. */
  onLook: (others: readonly OtherProcess[]) => void;
  log: Logger;
  /** Monotonic. */
  nowSeconds: () => number;
}

/**
 * Who is there: each process has a key of its own, renewed each second. The keys are polled, for their end raises no
 * event; changes are seen at once besides, as they are published.
 */
export class Board {
  readonly #options: BoardOptions;
  readonly #book = new LeaseBook<ProcessLease>();
  readonly #key: string;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #changes: Subscription;
  #told = '';
  #soon: NodeJS.Timeout | undefined;
  #renewing: Promise<void> | undefined;
  #renewAgain = false;
  #looking = false;
  #failing = false;
  #blind = false;
  #lookedSeconds = 0;
  #suspects = '';
  #stopped = false;

  constructor(options: BoardOptions) {
    this.#options = options;
    const { process, site } = options.self();
    this.#key = `process.${site}.${process}`;
    const prefix = ClaimBucket.subject('');
    const last = new Map<string, string>();
    this.#changes = options.connection.subscribe(ClaimBucket.subject(`process.${site}.*`), {
      callback: (error, message) => {
        if (error) return;
        this.#book.beat(message.subject.slice(prefix.length), options.nowSeconds());
        const text = message.string();
        if (last.get(message.subject) === text) return;
        last.set(message.subject, text);
        if (text === '') last.delete(message.subject);
        this.#soon ??= setTimeout(() => void this.look(), SOON_MILLIS);
      },
    });
  }

  /** Resolves after the first renewal and the first look, or their first failure; goes on by itself. */
  async start(): Promise<void> {
    await this.renew();
    await this.look();
    this.#timers.push(
      setInterval(() => void this.renew(), RENEW_MILLIS),
      setInterval(() => void this.look(), POLL_MILLIS),
      setInterval(() => this.#watch(), WATCH_MILLIS),
    );
  }

  /** Tells at once where something of this process changed; else with the next second. */
  tellChanges(): void {
    if (JSON.stringify(this.#options.self()) !== this.#told) void this.renew();
  }

  async renew(): Promise<void> {
    if (this.#renewing) {
      this.#renewAgain = true;
      return this.#renewing;
    }
    this.#renewing = this.#put();
    await this.#renewing;
    this.#renewing = undefined;
    if (!this.#renewAgain) return;
    this.#renewAgain = false;
    this.tellChanges();
  }

  async look(): Promise<void> {
    clearTimeout(this.#soon);
    this.#soon = undefined;
    if (this.#looking || this.#stopped) return;
    this.#looking = true;
    const { bucket, self, nowSeconds } = this.#options;
    try {
      const entries = await bucket.list<ProcessLease>(`process.${self().site}.*`);
      if (this.#blind) this.#book.forgive(nowSeconds());
      this.#blind = false;
      this.#lookedSeconds = nowSeconds();
      this.#book.observe(entries, nowSeconds());
      this.#well();
    } catch (err) {
      // Who cannot look knows of nobody's end: all stays as it was.
      this.#blind = true;
      this.#unwell(err);
    } finally {
      this.#looking = false;
    }
    if (!this.#stopped) this.#options.onLook(this.others);
  }

  /** Takes this process's key out. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers) clearInterval(timer);
    clearTimeout(this.#soon);
    await this.#renewing;
    if (this.#options.connection.isClosed()) return;
    this.#changes.unsubscribe();
    await this.#options.bucket.delete(this.#key).catch(() => undefined);
  }

  get failing(): boolean {
    return this.#failing;
  }

  /** The other processes of the site that live. */
  get others(): OtherProcess[] {
    const { self } = this.#options;
    // Whoever had our outbox before us is dead, whatever its lease says.
    const { outbox } = self();
    const now = this.#bookSeconds();
    const suspects = new Set(this.#book.suspects(now));
    return this.#book
      .living(now)
      .filter(({ key }) => key !== this.#key)
      .map(({ key, value }) => ({ ...value, suspect: suspects.has(key) }))
      .filter(({ outbox: theirs }) => theirs === undefined || theirs !== outbox);
  }

  /** Who cannot look may be the one who is cut off: no time passes for the others then. */
  #bookSeconds(): number {
    const now = this.#options.nowSeconds();
    return this.#blind || now - this.#lookedSeconds > BLIND_SECONDS ? this.#lookedSeconds : now;
  }

  #watch(): void {
    const suspects = this.#book.suspects(this.#bookSeconds()).join(' ');
    if (suspects === this.#suspects) return;
    this.#suspects = suspects;
    if (!this.#stopped) this.#options.onLook(this.others);
  }

  async #put(): Promise<void> {
    if (this.#stopped) return;
    const value = this.#options.self();
    try {
      await this.#options.bucket.put(this.#key, value);
      this.#told = JSON.stringify(value);
      this.#well();
    } catch (err) {
      this.#unwell(err);
    }
  }

  #well(): void {
    this.#failing = false;
  }

  /** An outage of NATS is told once, here as elsewhere. */
  #unwell(err: unknown): void {
    if (!this.#failing && !this.#stopped)
      this.#options.log.warn({ err }, 'the leases of the other processes cannot be read or renewed');
    this.#failing = true;
  }
}
