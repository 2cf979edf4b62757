import type { Logger } from './log.js';

export interface FloodLogOptions {
  /** The first line of a key goes out at once; the rest of this span are counted and told in one line at its end. */
  windowSeconds?: number;
  /** Keys followed at a time; past it, the lines of further keys share one. Keeps a flood of keys from eating memory. */
  maxKeys?: number;
}

interface Window {
  timer: NodeJS.Timeout;
  held: number;
  last: string;
}

/** Logs per key at most one line and one count a window, so that a flood from one feed cannot drown the others. */
export class FloodLog {
  readonly #log: Logger;
  readonly #windowMillis: number;
  readonly #maxKeys: number;
  readonly #windows = new Map<string, Window>();

  constructor(log: Logger, { windowSeconds = 60, maxKeys = 1000 }: FloodLogOptions = {}) {
    this.#log = log;
    this.#windowMillis = windowSeconds * 1000;
    this.#maxKeys = maxKeys;
  }

  warn(key: string, fields: object, message: string): void {
    const known = this.#windows.has(key) || this.#windows.size < this.#maxKeys;
    this.#warn(known ? key : 'others', fields, message);
  }

  /** Tells what is held back, and stops. */
  close(): void {
    for (const [key, { timer }] of this.#windows) {
      clearTimeout(timer);
      this.#end(key);
    }
  }

  #warn(key: string, fields: object, message: string): void {
    const window = this.#windows.get(key);
    if (window) {
      window.held++;
      window.last = message;
      return;
    }
    this.#log.warn(fields, message);
    const timer = setTimeout(() => this.#end(key), this.#windowMillis);
    timer.unref();
    this.#windows.set(key, { timer, held: 0, last: message });
  }

  #end(key: string): void {
    const window = this.#windows.get(key);
    this.#windows.delete(key);
    if (!window || window.held === 0) return;
    const seconds = this.#windowMillis / 1000;
    this.#log.warn(
      { key, suppressed: window.held, windowSeconds: seconds },
      `${window.last} (and ${window.held} like it within ${seconds} s)`,
    );
  }
}
