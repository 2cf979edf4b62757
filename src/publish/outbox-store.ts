import { mkdir, readdir, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { ClameurError } from '../config/index.js';
import type { Logger } from '../telemetry/index.js';

/** One message that is to be sent. */
export interface OutboxMessage {
  /** What NATS knows duplicates by; the same on every try. */
  id: string;
  subject: string;
  /** Messages of one lane (an incident) are sent in order, one after the other's acknowledgement. */
  lane: string;
  /** Hubs order by it; a higher one of the same lane tells everything a lower one does. */
  revision: number;
  eventClass: string;
  body: string;
  contentType: string;
  /** Milliseconds since 1970 at which it was put in. */
  since: number;
  /** The arrival that decided, milliseconds since 1970: latency is counted from it. Absent for recordings. */
  decidedAt?: number;
}

export interface StoredMessage {
  key: string;
  message: OutboxMessage;
}

export interface OpenedStore {
  store: OutboxStore;
  /** What an earlier process left, in the order it was put in. */
  left: StoredMessage[];
  /** Entries or whole stores that could not be read: moved aside, never thrown away. */
  quarantined: number;
}

const QUARANTINE = 'unreadable!';
const OPEN_AGAIN_MILLIS = 1_000;

/** The outbox's messages on disk: LevelDB, keys in the order of putting, every write synced before it counts. */
export class OutboxStore {
  readonly #folder: string;
  #db: ClassicLevel<string, string>;
  #next: number;
  /** A write failed, and LevelDB takes none after that until it is opened again. */
  #broken = false;
  #openAgainAtMillis = 0;
  /** Keys to remove once it writes again. */
  #gone: string[] = [];

  private constructor(folder: string, db: ClassicLevel<string, string>, next: number) {
    this.#folder = folder;
    this.#db = db;
    this.#next = next;
  }

  /** Throws OUTBOX_LOCKED where another process holds the folder, OUTBOX_FAILED where it cannot be had at all. */
  static async open(folder: string, log: Logger): Promise<OpenedStore> {
    const { db, quarantined } = await openDatabase(folder, log);
    const left: StoredMessage[] = [];
    let bad = quarantined;
    let next = 1;
    for await (const [key, value] of db.iterator({ lt: QUARANTINE })) {
      next = Math.max(next, Number(key) + 1 || 0);
      const message = parseMessage(value);
      if (message) left.push({ key, message });
      else {
        bad++;
        log.error(
          { folder, key },
          'an entry of the outbox is unreadable; it is kept aside, the others go on',
        );
        await db.batch([
          { type: 'put', key: `${QUARANTINE}${key}`, value },
          { type: 'del', key },
        ]);
      }
    }
    return { store: new OutboxStore(folder, db, next), left, quarantined: bad };
  }

  /** The key under which the next message will lie: keys sort as they are handed out. */
  nextKey(): string {
    return String(this.#next++).padStart(16, '0');
  }

  /** Rejects where the disk takes nothing; what it rejected is to be given again. */
  async put(messages: readonly StoredMessage[]): Promise<void> {
    if (this.#broken) await this.#openAgain();
    const gone = [...this.#gone];
    try {
      await this.#db.batch(
        [
          ...gone.map((key) => ({ type: 'del' as const, key })),
          ...messages.map(({ key, message }) => ({
            type: 'put' as const,
            key,
            value: JSON.stringify(message),
          })),
        ],
        { sync: true },
      );
    } catch (error) {
      this.#broken = true;
      throw error;
    }
    this.#gone = this.#gone.slice(gone.length);
  }

  /** Not synced: if this is lost, the message is sent again with the same id, which NATS drops. */
  async remove(key: string): Promise<void> {
    if (this.#broken) this.#gone.push(key);
    else await this.#db.del(key);
  }

  close(): Promise<void> {
    return this.#db.close();
  }

  async #openAgain(): Promise<void> {
    if (Date.now() < this.#openAgainAtMillis) throw new Error('the disk took nothing a moment ago');
    this.#openAgainAtMillis = Date.now() + OPEN_AGAIN_MILLIS;
    await this.#db.close();
    this.#db = await tryOpen(this.#folder);
    this.#broken = false;
  }
}

async function openDatabase(folder: string, log: Logger) {
  try {
    await mkdir(dirname(folder), { recursive: true });
    const entries = await readdir(folder).catch((): string[] => []);
    // LevelDB takes a folder without CURRENT for a new one and would begin an empty store beside the old tables.
    const headless = entries.some((name) => /\.(ldb|log|sst)$/.test(name)) && !entries.includes('CURRENT');
    if (!headless) return { db: await tryOpen(folder), quarantined: 0 };
    log.error({ folder }, 'the outbox has lost its CURRENT file; repairing it');
  } catch (cause) {
    const code = levelCode(cause);
    if (code === 'LEVEL_LOCKED') throw new ClameurError('OUTBOX_LOCKED', { folder }, { cause });
    // A table or manifest that is gone is damage too; LevelDB calls it an I/O error.
    const fileGone = code === 'LEVEL_IO_ERROR' && problemOf(cause).includes('No such file');
    if (code !== 'LEVEL_CORRUPTION' && !fileGone) {
      throw new ClameurError('OUTBOX_FAILED', { folder, problem: problemOf(cause) }, { cause });
    }
    log.error({ folder, err: cause }, 'the outbox is damaged; repairing it');
  }
  return repair(folder, log);
}

/** LevelDB's own repair; where that fails too, the folder is set aside and an empty store begun. */
async function repair(folder: string, log: Logger) {
  try {
    await ClassicLevel.repair(folder);
    return { db: await tryOpen(folder), quarantined: 1 };
  } catch (cause) {
    const aside = `${folder}.damaged-${new Date().toISOString().replace(/[:.]/g, '-')}`;
    try {
      await rename(folder, aside);
      log.error(
        { folder, aside, err: cause },
        'the outbox cannot be repaired; set aside, and an empty one begun',
      );
      return { db: await tryOpen(folder), quarantined: 1 };
    } catch (cause) {
      throw new ClameurError('OUTBOX_FAILED', { folder, problem: problemOf(cause) }, { cause });
    }
  }
}

async function tryOpen(folder: string): Promise<ClassicLevel<string, string>> {
  const db = new ClassicLevel<string, string>(folder, { keyEncoding: 'utf8', valueEncoding: 'utf8' });
  await db.open();
  return db;
}

function levelCode(error: unknown): string | undefined {
  const { code, cause } = error as { code?: string; cause?: unknown };
  return cause ? (levelCode(cause) ?? code) : code;
}

function problemOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? cause.message : message;
}

function parseMessage(text: string): OutboxMessage | undefined {
  try {
    const message = JSON.parse(text) as OutboxMessage;
    const { id, subject, lane, body } = message;
    return [id, subject, lane, body].every((part) => typeof part === 'string') ? message : undefined;
  } catch {
    return undefined;
  }
}
