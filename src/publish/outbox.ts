import { ClameurError } from '../config/index.js';
import { noPublishCounters, type Logger, type PublishCounters } from '../telemetry/index.js';
import { nextDelayMillis, superseded, type Lane } from './outbox-lanes.js';
import { OUTBOX_TRANSITIONS, outboxState, type OutboxState } from './outbox-state.js';
import { OutboxStore, type OutboxMessage, type StoredMessage } from './outbox-store.js';

/** Sends one message; resolves when JetStream has acknowledged it, rejects where it is to be tried again. */
export type Send = (message: OutboxMessage) => Promise<void>;

export interface OutboxOptions {
  folder: string;
  log: Logger;
  counters?: PublishCounters;
  /** Past it, superseded revisions give way, oldest first; where none is left, OUTBOX_FULL. */
  maxMessages?: number;
  /** Messages under way at a time, each of another lane. */
  concurrency?: number;
}

/** So soon the disk is tried again. */
const RESCUE_MILLIS = 2_000;

interface Pending {
  stored: StoredMessage;
  resolve: () => void;
}

/**
 * Messages on disk until JetStream has them. A message is written and synced before it is sent, sent with the same id
 * on every try, in order within its lane, and removed after the acknowledgement; so a message may be sent twice, which
 * the id undoes, but is never lost.
 */
export class Outbox {
  readonly #options: Required<OutboxOptions>;
  readonly #store: OutboxStore;
  readonly #lanes = new Map<string, Lane>();
  /** When each message that is not acknowledged was put in, by id; the first is the oldest. */
  readonly #queued = new Map<string, number>();
  #unwritten: Pending[] = [];
  /** In memory only, by key: the disk would not take them. */
  readonly #unsafe = new Map<string, StoredMessage>();
  #rescue: NodeJS.Timeout | undefined;
  #diskFails = false;
  #writing: Promise<void> | undefined;
  #send: Send | undefined;
  #underWay = 0;
  #state: OutboxState = 'idle';
  #closed = false;
  #timer: NodeJS.Timeout | undefined;
  readonly #watchers = new Set<() => void>();

  private constructor(options: Required<OutboxOptions>, store: OutboxStore, left: readonly StoredMessage[]) {
    this.#options = options;
    this.#store = store;
    for (const stored of left) this.#enqueue(stored);
    this.#changed();
  }

  static async open(options: OutboxOptions): Promise<Outbox> {
    const full = { counters: noPublishCounters, maxMessages: 100_000, concurrency: 16, ...options };
    const { store, left, quarantined } = await OutboxStore.open(options.folder, options.log);
    for (let i = 0; i < quarantined; i++) full.counters.event('unknown', 'quarantined');
    if (left.length > 0)
      options.log.info({ messages: left.length }, 'events of an earlier run wait in the outbox');
    return new Outbox(full, store, left);
  }

  get state(): OutboxState {
    return this.#state;
  }

  /** Messages that are not acknowledged yet. */
  get depth(): number {
    return this.#queued.size;
  }

  get oldestAgeSeconds(): number {
    const [oldest] = this.#queued.values();
    return oldest === undefined ? 0 : Math.max(0, (Date.now() - oldest) / 1000);
  }

  status(): { state: OutboxState; messages: number; oldestAgeSeconds: number } {
    return { state: this.state, messages: this.depth, oldestAgeSeconds: this.oldestAgeSeconds };
  }

  /** What waits to be sent, each lane in its order. */
  bodies(): string[] {
    return [...this.#lanes.values()].flatMap(({ messages }) => messages.map(({ message }) => message.body));
  }

  /** Gives the way out (a connection came up), or takes it (undefined: it went down). Either way nothing is lost. */
  attach(send: Send | undefined): void {
    this.#send = send;
    // What failed for want of a connection need not wait for its back-off.
    for (const lane of this.#lanes.values()) lane.notBefore = 0;
    this.#pump();
  }

  /** Resolves once the message is safe on disk. The same id twice is one message. */
  async put(message: OutboxMessage): Promise<void> {
    const { folder } = this.#options;
    if (this.#closed) throw new ClameurError('OUTBOX_CLOSED', { folder, id: message.id });
    if (this.#queued.has(message.id)) return this.#writing;
    if (this.depth >= this.#options.maxMessages) this.#makeRoom(message);
    const stored = { key: this.#store.nextKey(), message };
    // Known at once, so that the bound and the duplicates hold while the disk is still writing.
    this.#queued.set(message.id, message.since);
    await new Promise<void>((resolve) => {
      this.#unwritten.push({ stored, resolve });
      this.#writing ??= this.#write();
    });
  }

  /** Takes out what is not worth sending any more, and is not under way; gives their number. */
  withdraw(isVain: (message: OutboxMessage) => boolean): number {
    const vain = [...this.#lanes.values()]
      .flatMap(({ messages, busy }) => messages.slice(busy ? 1 : 0))
      .filter(({ message }) => isVain(message));
    for (const stored of vain) {
      this.#forget(stored);
      this.#options.counters.event(stored.message.eventClass, 'superseded');
    }
    this.#changed();
    return vain.length;
  }

  /** Waits until all is sent, at most `timeoutSeconds`; gives the number of messages that are left. */
  async flush(timeoutSeconds: number): Promise<number> {
    for (const lane of this.#lanes.values()) lane.notBefore = 0;
    this.#pump();
    if (this.depth > 0) {
      await new Promise<void>((resolve) => {
        const done = () => {
          if (this.depth > 0 && !this.#closed && Date.now() < end) return;
          clearTimeout(timer);
          this.#watchers.delete(done);
          resolve();
        };
        const end = Date.now() + timeoutSeconds * 1000;
        const timer = setTimeout(done, timeoutSeconds * 1000 + 1);
        this.#watchers.add(done);
      });
    }
    return this.depth;
  }

  /** Stops sending and frees the folder; what is left goes out with the next process. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#rescue);
    await this.#writing;
    this.#changed();
    await this.#store.close();
  }

  /** Group commit: one sync for all that came while the last one ran. */
  async #write(): Promise<void> {
    while (this.#unwritten.length > 0) {
      const batch = this.#unwritten;
      this.#unwritten = [];
      await this.#save(batch.map(({ stored }) => stored));
      for (const { stored, resolve } of batch) {
        this.#enqueue(stored);
        resolve();
      }
      this.#pump();
    }
    this.#writing = undefined;
  }

  /** To disk, with what it would not take before. */
  async #save(messages: readonly StoredMessage[]): Promise<void> {
    const { log, counters } = this.#options;
    const before = [...this.#unsafe.values()];
    try {
      await this.#store.put([...before, ...messages]);
      for (const { key } of before) this.#unsafe.delete(key);
      if (this.#diskFails) log.info({ messages: before.length }, 'the outbox writes to disk again');
      this.#diskFails = false;
    } catch (err) {
      // A full disk must not silence an alert: it is sent from memory, and a kill would lose it. Say so loudly.
      if (!this.#diskFails)
        log.error({ err }, 'the outbox cannot write to disk; events are held in memory only');
      this.#diskFails = true;
      for (const stored of messages) {
        this.#unsafe.set(stored.key, stored);
        counters.event(stored.message.eventClass, 'unsafe');
      }
      clearTimeout(this.#rescue);
      this.#rescue = setTimeout(() => {
        if (this.#unsafe.size > 0 && !this.#closed)
          this.#writing ??= this.#save([]).then(() => this.#write());
      }, RESCUE_MILLIS);
    }
  }

  #enqueue(stored: StoredMessage): void {
    const { id, lane, since } = stored.message;
    this.#queued.set(id, since);
    const known = this.#lanes.get(lane);
    if (known) known.messages.push(stored);
    else this.#lanes.set(lane, { messages: [stored], busy: false, failures: 0, notBefore: 0 });
  }

  #makeRoom(incoming: OutboxMessage): void {
    const { folder, counters, log } = this.#options;
    const victim = superseded(this.#lanes.values());
    if (!victim) {
      counters.event(incoming.eventClass, 'refused');
      throw new ClameurError('OUTBOX_FULL', { folder, count: this.depth, id: incoming.id });
    }
    this.#forget(victim);
    counters.event(victim.message.eventClass, 'superseded');
    log.warn(
      { id: victim.message.id },
      'the outbox is full; a revision that a later one supersedes gave way',
    );
  }

  #forget(stored: StoredMessage): void {
    const { id, lane: name } = stored.message;
    const lane = this.#lanes.get(name)!;
    lane.messages.splice(lane.messages.indexOf(stored), 1);
    if (lane.messages.length === 0) this.#lanes.delete(name);
    this.#queued.delete(id);
    this.#unsafe.delete(stored.key);
    if (this.#closed) return;
    this.#store.remove(stored.key).catch((err: unknown) => {
      this.#options.log.warn(
        { err, id },
        'a sent event stays in the outbox and will be sent again, with the same id',
      );
    });
  }

  /** Starts what may start: the head of each lane that is not under way nor backing off. */
  #pump(): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    const send = this.#send;
    let next = Infinity;
    for (const lane of this.#lanes.values()) {
      if (!send || this.#underWay >= this.#options.concurrency) break;
      if (lane.busy) continue;
      if (lane.notBefore > Date.now()) next = Math.min(next, lane.notBefore);
      else void this.#sendHead(lane, send);
    }
    if (next !== Infinity) this.#timer = setTimeout(() => this.#pump(), Math.max(1, next - Date.now()));
    this.#changed();
  }

  async #sendHead(lane: Lane, send: Send): Promise<void> {
    const [head] = lane.messages;
    const { id, eventClass, decidedAt, since } = head.message;
    const { counters, log } = this.#options;
    lane.busy = true;
    this.#underWay++;
    try {
      await send(head.message);
      lane.failures = 0;
      counters.event(eventClass, 'published');
      if (decidedAt !== undefined) counters.latency(eventClass, (Date.now() - decidedAt) / 1000);
      counters.stage?.('publish', Math.max(0, Date.now() - since) / 1000);
      this.#forget(head);
    } catch (err) {
      lane.notBefore = Date.now() + nextDelayMillis(lane.failures++);
      counters.event(eventClass, 'retried');
      // The first failure of a lane is told; the depth and the age tell the rest.
      if (lane.failures === 1)
        log.warn({ err, id }, 'an event was not acknowledged; it is kept and tried again');
    } finally {
      lane.busy = false;
      this.#underWay--;
      this.#pump();
    }
  }

  #changed(): void {
    const state = outboxState({ closed: this.#closed, depth: this.depth, underWay: this.#underWay });
    if (state !== this.#state) {
      if (!OUTBOX_TRANSITIONS[this.#state].includes(state))
        throw new Error(`outbox: ${this.#state} to ${state}`);
      this.#state = state;
      this.#options.counters.outboxState(state);
    }
    this.#options.counters.outbox(this.depth, this.oldestAgeSeconds);
    for (const watcher of this.#watchers) watcher();
  }
}
