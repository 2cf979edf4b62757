import { secondsBetween, secondsToNanos, type Nanos } from '../audio/index.js';
import type { Detection } from '../listen/index.js';
import type { IncidentStep } from '../locate/index.js';
import { ageSeconds, type LatencySeconds } from '../publish/index.js';

/** Blocks remembered a pole: 6 s of 100 ms frames, more than any decision takes. */
const BLOCKS = 64;
/** Arrivals remembered; beyond any burst of a site within a decision's time. */
const ARRIVALS = 2048;

/** Wall clock in nanoseconds of UTC, from the system's clock at start and a monotonic one since. */
const originNanos = BigInt(Math.round((performance.timeOrigin + performance.now()) * 1e3)) * 1000n;
const originMonotonic = process.hrtime.bigint();
export function utcNow(): Nanos {
  return originNanos + (process.hrtime.bigint() - originMonotonic);
}

/** What an arrival took until it was a detection, seconds. */
export interface Delays {
  transport: number;
  listen: number;
}

/** Where the time goes between an arrival and its event, for live sound: the stages of `latencySeconds`. */
export class StageClock {
  readonly #blocks = new Map<string, Array<{ endNanos: Nanos; hereNanos: Nanos }>>();
  readonly #detected = new Map<Nanos, Delays>();

  block(pole: string, startNanos: Nanos, seconds: number): void {
    const blocks = this.#blocks.get(pole) ?? [];
    blocks.push({ endNanos: startNanos + secondsToNanos(seconds), hereNanos: utcNow() });
    if (blocks.length > BLOCKS) blocks.shift();
    this.#blocks.set(pole, blocks);
  }

  /**
   * A detection was made just now, here; or elsewhere, with the delays that its listener told. Gives the delays of its
   * last arrival.
   */
  detection(detection: Detection, told?: Delays): Delays | undefined {
    const { pole, arrivals, onsetNanos } = detection;
    let last: Delays | undefined;
    for (const timeNanos of [onsetNanos, ...arrivals.map((arrival) => arrival.timeNanos)]) {
      const known = this.#detected.get(timeNanos);
      last = known ?? told ?? this.#delays(pole, timeNanos);
      if (!known && last) this.#detected.set(timeNanos, last);
    }
    for (const oldest of this.#detected.keys()) {
      if (this.#detected.size <= ARRIVALS) break;
      this.#detected.delete(oldest);
    }
    return last;
  }

  /** What is known of a step's stages now; nothing where its arrival was not seen by any listener that told. */
  stages({ decidedByNanos }: IncidentStep): LatencySeconds | undefined {
    const delays = this.#detected.get(decidedByNanos);
    const age = ageSeconds(decidedByNanos, utcNow());
    if (!delays || age === undefined) return undefined;
    const { transport, listen } = delays;
    return { transport, listen, locate: age - transport - listen };
  }

  #delays(pole: string, timeNanos: Nanos): Delays | undefined {
    const block = this.#blocks.get(pole)?.find(({ endNanos }) => endNanos >= timeNanos);
    if (!block) return undefined;
    return {
      transport: secondsBetween(timeNanos, block.hereNanos),
      listen: secondsBetween(block.hereNanos, utcNow()),
    };
  }
}
