import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { AuditNote } from './audit-record.js';

/** Notes that are not in the stream yet, on disk: a kill while NATS is away loses none. */
export class PendingNotes {
  readonly #file: string | undefined;
  #notes: AuditNote[];
  #writing: Promise<void> = Promise.resolve();

  private constructor(file: string | undefined, notes: AuditNote[]) {
    this.#file = file;
    this.#notes = notes;
  }

  /** Without a file they are in memory only. */
  static async open(file: string | undefined): Promise<PendingNotes> {
    if (file === undefined) return new PendingNotes(undefined, []);
    await mkdir(dirname(file), { recursive: true });
    const text = await readFile(file, 'utf8').catch(() => '[]');
    try {
      return new PendingNotes(file, JSON.parse(text) as AuditNote[]);
    } catch {
      return new PendingNotes(file, []);
    }
  }

  get first(): AuditNote | undefined {
    return this.#notes[0];
  }

  get count(): number {
    return this.#notes.length;
  }

  add(note: AuditNote): Promise<void> {
    this.#notes.push(note);
    return this.#write();
  }

  remove(note: AuditNote): Promise<void> {
    this.#notes = this.#notes.filter(({ id }) => id !== note.id);
    return this.#write();
  }

  /** Whole, synced, then renamed: a reader finds the old list or the new one. */
  #write(): Promise<void> {
    const file = this.#file;
    if (file === undefined) return Promise.resolve();
    const write = async (): Promise<void> => {
      const handle = await open(`${file}.new`, 'w', 0o600);
      try {
        await handle.writeFile(JSON.stringify(this.#notes));
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(`${file}.new`, file);
    };
    this.#writing = this.#writing.then(write, write);
    return this.#writing;
  }
}
