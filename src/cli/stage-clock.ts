import { secondsBetween, secondsToNanos, type Nanos } from '../audio/index.js';
import type { Detection } from '../listen/index.js';
import type { IncidentStep } from '../locate/index.js';
import type { LatencySeconds } from '../publish/index.js';

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

/** Where the time goes between an arrival and its event, for live sound: the stages of `latencySeconds`. */
export class StageClock {
  readonly #blocks = new Map<string, Array<{ endNanos: Nanos; hereNanos: Nanos }>>();
  readonly #detected = new Map<Nanos, { pole: string; atNanos: Nanos }>();

  block(pole: string, startNanos: Nanos, seconds: number): void {
    const blocks = this.#blocks.get(pole) ?? [];
    blocks.push({ endNanos: startNanos + secondsToNanos(seconds), hereNanos: utcNow() });
    if (blocks.length > BLOCKS) blocks.shift();
    this.#blocks.set(pole, blocks);
  }

  detection({ pole, arrivals, onsetNanos }: Detection): void {
    const atNanos = utcNow();
    for (const timeNanos of [onsetNanos, ...arrivals.map((arrival) => arrival.timeNanos)]) {
      if (!this.#detected.has(timeNanos)) this.#detected.set(timeNanos, { pole, atNanos });
    }
    for (const oldest of this.#detected.keys()) {
      if (this.#detected.size <= ARRIVALS) break;
      this.#detected.delete(oldest);
    }
  }

  /** What is known of a step's stages now; empty where its arrival was not seen by this process. */
  stages(step: IncidentStep): LatencySeconds | undefined {
    const detected = this.#detected.get(step.decidedByNanos);
    if (!detected) return undefined;
    const block = this.#blocks.get(detected.pole)?.find(({ endNanos }) => endNanos >= step.decidedByNanos);
    if (!block) return undefined;
    return {
      transport: secondsBetween(step.decidedByNanos, block.hereNanos),
      listen: secondsBetween(block.hereNanos, detected.atNanos),
      locate: secondsBetween(detected.atNanos, utcNow()),
    };
  }
}
