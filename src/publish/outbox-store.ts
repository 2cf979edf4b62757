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

/** The outbox's messages on disk: LevelDB, keys in the order of putting, every write synced before it counts. */
export class OutboxStore {
  readonly #db: ClassicLevel<string, string>;
  #next: number;

  private constructor(db: ClassicLevel<string, string>, next: number) {
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
    return { store: new OutboxStore(db, next), left, quarantined: bad };
  }

  /** The key under which the next message will lie: keys sort as they are handed out. */
  nextKey(): string {
    return String(this.#next++).padStart(16, '0');
  }

  async put(messages: readonly StoredMessage[]): Promise<void> {
    const operations = messages.map(({ key, message }) => ({
      type: 'put' as const,
      key,
      value: JSON.stringify(message),
    }));
    await this.#db.batch(operations, { sync: true });
  }

  /** Not synced: if this is lost, the message is sent again with the same id, which NATS drops. */
  async remove(key: string): Promise<void> {
    await this.#db.del(key);
  }

  close(): Promise<void> {
    return this.#db.close();
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
