import { setTimeout as sleep } from 'node:timers/promises';
import type { Backoff } from './backoff.js';
import { Connection, type ConnectionOptions } from './connection.js';

/** No first sound for so long after the start: a server that accepts and says nothing. */
const FIRST_SOUND_SECONDS = 15;
/** No sound for so long after that: the connection is dead, whatever the process thinks. */
const SILENT_SECONDS = 5;

export interface StreamOptions extends ConnectionOptions {
  backoff: Backoff;
}

/** Keeps one stream running: watched by the sound that it brings, fetched anew when it fails. */
export class Stream {
  readonly #options: StreamOptions;
  readonly #stopped = new AbortController();
  #connection: Connection | undefined;
  #running: Promise<void> | undefined;

  constructor(options: StreamOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Resolves once no process and no socket is left. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#connection?.fail('ended', 'stopped');
    await this.#running;
  }

  /** The watchdog; call it a few times a second. */
  tick(): void {
    const connection = this.#connection;
    if (!connection) return;
    const since = connection.lastSoundSeconds ?? connection.startedSeconds;
    const allowed = connection.lastSoundSeconds === undefined ? FIRST_SOUND_SECONDS : SILENT_SECONDS;
    if (this.#options.monotonicSeconds() - since >= allowed) {
      connection.fail('silent', `no sound for ${allowed} s`);
    }
  }

  async #run(): Promise<void> {
    const { events, monotonicSeconds, backoff } = this.#options;
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      events.onConnecting();
      const connection = (this.#connection = new Connection(this.#options));
      await connection.run();
      this.#connection = undefined;
      if (signal.aborted) return;
      const { firstSoundSeconds, failure } = connection;
      events.onDown(failure!.reason, failure!.problem);
      const held = firstSoundSeconds === undefined ? 0 : monotonicSeconds() - firstSoundSeconds;
      await sleep(backoff.nextSeconds(held) * 1000, undefined, { signal }).catch(() => {});
    }
  }
}
