import { randomUUID, type KeyObject } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NatsConnection } from 'nats';
import { readStream } from '../publish/index.js';
import type { Logger } from '../telemetry/index.js';
import { auditKeyFile, readAuditKey, readOrMakeAuditKey } from './audit-key.js';
import { PendingNotes } from './audit-pending.js';
import {
  hashOf,
  makeRecord,
  publicKeyOf,
  readRecord,
  type AuditKind,
  type AuditRecord,
} from './audit-record.js';
import type { AuditHead } from './audit-verify.js';

const ACK_TIMEOUT_MILLIS = 5_000;
const RETRY_MILLIS = 2_000;

export interface AuditLogOptions {
  site: string;
  dataFolder: string;
  /** Absent: one of the service's own in the data folder. */
  keyFile?: string;
  log: Logger;
  /** false: a key that is missing is not made, for commands beside the service. */
  makeKey?: boolean;
}

interface Place {
  record: AuditRecord | undefined;
  sequence: number;
}

/**
 * Appends to `audit.<site>` in the stream AUDIT: each record names the hash of the one before it and is signed. Several
 * processes may write: JetStream takes a record only if nothing came between, and the loser makes it anew.
 */
export class AuditLog {
  readonly publicKey: string;
  readonly #options: AuditLogOptions;
  readonly #key: KeyObject;
  readonly #pending: PendingNotes;
  #connection: NatsConnection | undefined;
  #sending: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #head: AuditHead | undefined;
  #headChecked = false;
  #waiting = false;

  private constructor(options: AuditLogOptions, key: KeyObject, pending: PendingNotes, head?: AuditHead) {
    this.#options = options;
    this.#key = key;
    this.publicKey = publicKeyOf(key);
    this.#pending = pending;
    this.#head = head;
  }

  /** Throws AUDIT_KEY. */
  static async open(options: AuditLogOptions): Promise<AuditLog> {
    const { dataFolder, keyFile, makeKey = true } = options;
    const file = auditKeyFile(dataFolder, keyFile);
    const key = makeKey ? await readOrMakeAuditKey(file) : await readAuditKey(file);
    // A command beside the service must not touch the service's own queue.
    const pending = await PendingNotes.open(makeKey ? join(dataFolder, 'audit-pending.json') : undefined);
    return new AuditLog(options, key, pending, await readAuditHead(dataFolder));
  }

  /** Resolves once it is on disk; it reaches the stream when NATS is there. Never throws: the service goes on. */
  async note(kind: AuditKind, details: Record<string, unknown> = {}): Promise<void> {
    const note = { id: randomUUID(), at: new Date().toISOString(), kind, details };
    await this.#pending.add(note).catch((err: unknown) => {
      this.#options.log.error({ err, kind }, 'the audit log cannot write to disk; it is held in memory only');
    });
    this.#send();
  }

  attach(nc: NatsConnection): void {
    this.#connection = nc;
    this.#send();
  }

  /** Waits until all is in the stream, at most so long; gives the number of notes that stay on disk. */
  async flush(timeoutMillis: number): Promise<number> {
    this.#send();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, timeoutMillis)));
    await Promise.race([this.#sending, late]);
    clearTimeout(timer);
    return this.#pending.count;
  }

  close(): void {
    clearTimeout(this.#retry);
    this.#connection = undefined;
  }

  #send(): void {
    const nc = this.#connection;
    if (!nc || this.#sending) return;
    clearTimeout(this.#retry);
    this.#sending = this.#drain(nc).then(
      () => {
        this.#sending = undefined;
        this.#waiting = false;
        // What was noted between the last look and now.
        if (this.#pending.first) this.#send();
      },
      (err: unknown) => {
        this.#sending = undefined;
        if (!this.#waiting) this.#options.log.warn({ err }, 'the audit log waits on disk');
        this.#waiting = true;
        if (!this.#connection) return;
        this.#retry = setTimeout(() => this.#send(), RETRY_MILLIS);
        this.#retry.unref();
      },
    );
  }

  async #drain(nc: NatsConnection): Promise<void> {
    let place = await lastRecord(nc, this.#options.site);
    await this.#checkHead(place.record);
    for (let note = this.#pending.first; note; note = this.#pending.first) {
      if (place.record?.id !== note.id) {
        const record = makeRecord(note, this.#options.site, place.record, this.#key);
        const sequence = await append(nc, record, place.sequence);
        if (sequence === undefined) {
          place = await lastRecord(nc, this.#options.site);
          continue;
        }
        place = { record, sequence };
      }
      await this.#remember(place.record!);
      await this.#pending.remove(note);
    }
  }

  /** Once a start: a log that ends before what this process has written to it was cut off, and that is noted in it. */
  async #checkHead(last: AuditRecord | undefined): Promise<void> {
    if (this.#headChecked) return;
    this.#headChecked = true;
    if (!this.#head || (last && last.n >= this.#head.n)) return;
    const details = { wrote: this.#head.n, found: last?.n ?? 0 };
    this.#options.log.error(
      details,
      'the audit log ends before what was written to it: it was cut off or is new',
    );
    await this.#pending.add({ id: randomUUID(), at: new Date().toISOString(), kind: 'broken', details });
  }

  async #remember(record: AuditRecord): Promise<void> {
    this.#head = { n: record.n, hash: hashOf(record) };
    const file = headFile(this.#options.dataFolder);
    await writeFile(`${file}.new`, JSON.stringify(this.#head), { mode: 0o600 });
    await rename(`${file}.new`, file);
  }
}

/** The last record that this data folder's service has written; undefined before the first. */
export async function readAuditHead(dataFolder: string): Promise<AuditHead | undefined> {
  try {
    return JSON.parse(await readFile(headFile(dataFolder), 'utf8')) as AuditHead;
  } catch {
    return undefined;
  }
}

/** Every line of a site's log, oldest first, as the stream has them. */
export async function readAuditLines(nc: NatsConnection, site: string): Promise<string[]> {
  const lines: string[] = [];
  await readStream(nc, 'AUDIT', { subject: `audit.${site}` }, (message) => void lines.push(message.string()));
  return lines;
}

function headFile(dataFolder: string): string {
  return join(dataFolder, 'audit-head.json');
}

async function lastRecord(nc: NatsConnection, site: string): Promise<Place> {
  const { streams } = await nc.jetstreamManager();
  try {
    const stored = await streams.getMessage('AUDIT', { last_by_subj: `audit.${site}` });
    const { seq: sequence } = stored;
    const record = readRecord(stored.string());
    if (record) return { record, sequence };
    // Something foreign lies at the end: verify tells of it. The log goes on behind it, or one line would end it for good.
    const lines = await readAuditLines(nc, site);
    return { record: lines.flatMap((line) => readRecord(line) ?? []).at(-1), sequence };
  } catch (error) {
    // 10037: no message yet.
    if ((error as { api_error?: { err_code?: number } }).api_error?.err_code !== 10037) throw error;
    return { record: undefined, sequence: 0 };
  }
}

/** Undefined where another process was quicker. */
async function append(
  nc: NatsConnection,
  record: AuditRecord,
  lastSubjectSequence: number,
): Promise<number | undefined> {
  try {
    const ack = await nc.jetstream().publish(`audit.${record.site}`, JSON.stringify(record), {
      timeout: ACK_TIMEOUT_MILLIS,
      expect: { streamName: 'AUDIT', lastSubjectSequence },
    });
    return ack.seq;
  } catch (error) {
    // 10071: wrong last sequence.
    if ((error as { api_error?: { err_code?: number } }).api_error?.err_code === 10071) return undefined;
    throw error;
  }
}
