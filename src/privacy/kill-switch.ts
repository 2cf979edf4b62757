import { readFile, rename, writeFile } from 'node:fs/promises';
import { ClameurError } from '../config/index.js';

const ON = 'on';
const READ_MILLIS = 1_000;
/** A disk that does not answer is a switch that cannot be read. */
const STALE_MILLIS = 5_000;

export interface SwitchState {
  on: boolean;
  /** Why not. */
  reason?: string;
}

/** A file that must say `on`. Anything else, no file, or no answer from the disk is off. */
export class KillSwitch {
  readonly #file: string;
  readonly #onChange: (state: SwitchState) => void;
  #state: SwitchState = { on: false, reason: 'the kill switch has not been read yet' };
  #readAt = -Infinity;
  #timer: NodeJS.Timeout | undefined;
  #reading = false;

  constructor(file: string, onChange: (state: SwitchState) => void) {
    this.#file = file;
    this.#onChange = onChange;
  }

  /** Resolves after the first look. */
  async start(): Promise<void> {
    await this.#read();
    this.#timer = setInterval(() => void this.#read(), READ_MILLIS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  get state(): SwitchState {
    if (performance.now() - this.#readAt > STALE_MILLIS)
      return { on: false, reason: `${this.#file} could not be read for ${STALE_MILLIS / 1000} s` };
    return this.#state;
  }

  async #read(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    const before = this.#state;
    try {
      const text = (await readFile(this.#file, 'utf8')).trim();
      this.#state = text === ON ? { on: true } : { on: false, reason: `${this.#file} does not say "${ON}"` };
    } catch (error) {
      this.#state = { on: false, reason: `${this.#file} cannot be read: ${(error as Error).message}` };
    } finally {
      this.#reading = false;
    }
    this.#readAt = performance.now();
    if (before.on !== this.#state.on || before.reason !== this.#state.reason) this.#onChange(this.#state);
  }
}

/** Writes the switch; whole or not at all. Throws SWITCH_FAILED. */
export async function setKillSwitch(file: string, on: boolean): Promise<void> {
  try {
    await writeFile(`${file}.new`, on ? `${ON}\n` : 'off\n');
    await rename(`${file}.new`, file);
  } catch (cause) {
    throw new ClameurError('SWITCH_FAILED', { file, problem: (cause as Error).message }, { cause });
  }
}
