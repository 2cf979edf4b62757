/** What a pole that another process hears has sent lately, as it came: not decoded, not looked at. */
export interface ShelvedFrame {
  subject: string;
  payload: Uint8Array;
  signature: string | undefined;
}

/** A death is noticed 1 to 2.1 s after it, and a listener has told of what is older than 0.8 s: with some time to spare. */
export const SHELF_SECONDS = 3.5;
/** While a pole's shelf is being heard its frames wait for their turn: so long, and no longer. */
export const RESCUE_SECONDS = 4;
/** A pole that sends more than that is none that keeps to the format's usual rates: its oldest go. */
const MOST_BYTES = 4 * 1024 * 1024;
/** 10 ms each, ten times less than usual; a flood of tiny ones costs no more than they. */
const MOST_FRAMES = 400;

/**
 * The last seconds of frames, pole by pole, to be heard where the process that hears the pole dies. Owns copies,
 * and zeroes each as it goes. Reads no clock: `nowSeconds` is monotonic and handed in.
 */
export class FrameShelf {
  readonly #poles = new Map<string, Array<ShelvedFrame & { atSeconds: number }>>();
  readonly #keptSeconds: (pole: string) => number;
  readonly #onGone: (pole: string, frames: number) => void;

  /** `onGone`: so many frames of a pole became too old, or were too many. */
  constructor(
    keptSeconds: (pole: string) => number = () => SHELF_SECONDS,
    onGone: (pole: string, frames: number) => void = () => undefined,
  ) {
    this.#keptSeconds = keptSeconds;
    this.#onGone = onGone;
  }

  /** At the end of what is kept of that pole. */
  put(pole: string, { subject, payload, signature }: ShelvedFrame, nowSeconds: number): void {
    let frames = this.#poles.get(pole);
    if (!frames) this.#poles.set(pole, (frames = []));
    frames.push({ subject, payload: payload.slice(), signature, atSeconds: nowSeconds });
    this.#prune(pole, nowSeconds);
  }

  /** Hands the oldest frame of that pole to `use`, and zeroes it after; false where there is none. */
  takeOldest(pole: string, use: (frame: ShelvedFrame) => void): boolean {
    const oldest = this.#poles.get(pole)?.shift();
    if (!oldest) return false;
    try {
      use(oldest);
    } finally {
      oldest.payload.fill(0);
    }
    return true;
  }

  /** A pole that fell silent keeps nothing for longer either: call it a few times a second. */
  tick(nowSeconds: number): void {
    for (const pole of [...this.#poles.keys()]) this.#prune(pole, nowSeconds);
  }

  /** Zeroes and forgets what is kept of a pole; of all where none is named. */
  wipe(pole?: string): void {
    for (const name of pole === undefined ? [...this.#poles.keys()] : [pole]) {
      for (const { payload } of this.#poles.get(name) ?? []) payload.fill(0);
      this.#poles.delete(name);
    }
  }

  #prune(pole: string, nowSeconds: number): void {
    const frames = this.#poles.get(pole)!;
    const oldestSeconds = nowSeconds - this.#keptSeconds(pole);
    let bytes = frames.reduce((sum, one) => sum + one.payload.length, 0);
    let gone = 0;
    while (
      frames.length > MOST_FRAMES ||
      bytes > MOST_BYTES ||
      (frames.length > 0 && frames[0].atSeconds < oldestSeconds)
    ) {
      const oldest = frames.shift()!;
      bytes -= oldest.payload.length;
      oldest.payload.fill(0);
      gone++;
    }
    if (frames.length === 0) this.#poles.delete(pole);
    if (gone > 0) this.#onGone(pole, gone);
  }
}
