import { setImmediate as nextTurn } from 'node:timers/promises';
import { FrameShelf, RESCUE_SECONDS, SHELF_SECONDS, type ShelvedFrame } from './frame-shelf.js';

/** Frames worked off in one turn of the event loop. */
const FRAMES_A_TURN = 10;

/** What is to be heard of a frame now; its promise ends once there is time for the next. */
export type HearFrame = (pole: string, frame: ShelvedFrame) => Promise<unknown> | void;

/**
 * Poles that another process hears: their last seconds are kept as they came, and heard here from there on where that
 * process dies. So a death loses no sound, and costs no more than to take in a second process's frames.
 */
export class Standby {
  readonly #hear: HearFrame;
  readonly #shelf: FrameShelf;
  #poles: ReadonlySet<string> = new Set();
  /** Poles whose shelf is being heard: what they send goes behind it. */
  readonly #rescuing = new Set<string>();
  /** Of these, those at work: a second loop would not wait where the first does. */
  readonly #working = new Set<string>();

  /** `onLost`: frames of a pole that is being rescued waited too long, or were too many. */
  constructor(hear: HearFrame, onLost: (pole: string, frames: number) => void) {
    this.#hear = hear;
    this.#shelf = new FrameShelf(
      (pole) => (this.#rescuing.has(pole) ? RESCUE_SECONDS : SHELF_SECONDS),
      (pole, frames) => {
        if (this.#rescuing.has(pole)) onLost(pole, frames);
      },
    );
  }

  get poles(): ReadonlySet<string> {
    return this.#poles;
  }

  /** The poles that stand by from now on; `rescued`, of those that did, are heard after `rescue`. */
  share(poles: readonly string[], rescued: readonly string[]): void {
    for (const pole of rescued) if (this.#poles.has(pole)) this.#rescuing.add(pole);
    const before = this.#poles;
    this.#poles = new Set(poles);
    for (const pole of before)
      if (!this.#poles.has(pole) && !this.#rescuing.has(pole)) this.#shelf.wipe(pole);
  }

  rescue(): void {
    for (const pole of this.#rescuing) if (!this.#working.has(pole)) void this.#rescue(pole);
  }

  /** Keeps a frame of a pole that stands by or is being rescued; false: it is to be heard at once. */
  keeps(pole: string, frame: ShelvedFrame, nowSeconds: number): boolean {
    if (!this.#poles.has(pole) && !this.#rescuing.has(pole)) return false;
    this.#shelf.put(pole, frame, nowSeconds);
    return true;
  }

  /** The pole is another's again. */
  letGo(pole: string): void {
    if (this.#rescuing.delete(pole) && !this.#poles.has(pole)) this.#shelf.wipe(pole);
  }

  tick(nowSeconds: number): void {
    this.#shelf.tick(nowSeconds);
  }

  stop(): void {
    this.#poles = new Set();
    this.#rescuing.clear();
    this.#shelf.wipe();
  }

  async #rescue(pole: string): Promise<void> {
    this.#working.add(pole);
    for (let frames = 1; this.#rescuing.has(pole); frames++) {
      let heard: Promise<unknown> | void = undefined;
      if (!this.#shelf.takeOldest(pole, (frame) => (heard = this.#hear(pole, frame))))
        this.#rescuing.delete(pole);
      await heard;
      if (frames % FRAMES_A_TURN === 0) await nextTurn();
    }
    this.#working.delete(pole);
  }
}
