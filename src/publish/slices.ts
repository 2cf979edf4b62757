import { setImmediate as othersTurn } from 'node:timers/promises';

/** Heartbeats, sound and requests wait no longer than this for a long piece of work in the same process. */
const SLICE_MILLIS = 5;

/** Cuts long work into slices: `await slices.rest()` after each small part lets the event loop turn when it is due. */
export class Slices {
  #since = performance.now();

  get due(): boolean {
    return performance.now() - this.#since >= SLICE_MILLIS;
  }

  async rest(): Promise<void> {
    if (!this.due) return;
    await othersTurn();
    this.#since = performance.now();
  }
}
