import { NANOS_PER_SECOND, type Nanos } from '../audio/index.js';
import { detectionId, type Detection } from '../listen/index.js';

/** A second detection of one pole and class within this of onset is the same one. */
const SAME_NANOS = 50_000_000n;
/** Longer than any pole changes hands, and than arrivals are kept for. */
const KEPT_NANOS = 16n * NANOS_PER_SECOND;

interface Heard {
  timeNanos: Nanos;
  listener: string;
}

interface Pole {
  heard: Heard[];
  /** Detection ids of the first listener that told of each: by class, oldest first. */
  onsets: (Heard & { class: string; detectionId: string })[];
}

/**
 * While a pole changes hands two listeners hear it, and pick one onset a few samples apart. What the second one tells is
 * given the name and the times of what the first one told, so that the locator merges them. Pure.
 * One listener's own arrivals are left apart, however near: automatic fire has less than 50 ms between shots.
 */
export class SameArrival {
  readonly #poles = new Map<string, Pole>();

  /** The detection as the locator is to take it. */
  take(detection: Detection, listener: string): Detection {
    let pole = this.#poles.get(detection.pole);
    if (!pole) this.#poles.set(detection.pole, (pole = { heard: [], onsets: [] }));
    this.#prune(pole, detection.onsetNanos);
    const arrivals = detection.arrivals.map((arrival) => {
      const timeNanos = this.#known(pole.heard, arrival.timeNanos, listener);
      return timeNanos === arrival.timeNanos ? arrival : { ...arrival, timeNanos };
    });
    const onset = this.#sameOnset(pole, detection, listener);
    return { ...detection, arrivals, onsetNanos: onset.timeNanos, detectionId: onset.detectionId };
  }

  /** The time under which another listener told of it; else its own, which is remembered. */
  #known(heard: Heard[], timeNanos: Nanos, listener: string): Nanos {
    let nearest: Heard | undefined;
    for (const one of heard) {
      if (one.listener === listener) {
        if (one.timeNanos === timeNanos) return timeNanos;
        continue;
      }
      const apart = distance(one.timeNanos, timeNanos);
      if (apart <= SAME_NANOS && (!nearest || apart < distance(nearest.timeNanos, timeNanos))) nearest = one;
    }
    if (nearest) return nearest.timeNanos;
    heard.push({ timeNanos, listener });
    return timeNanos;
  }

  #sameOnset(pole: Pole, detection: Detection, listener: string): { timeNanos: Nanos; detectionId: string } {
    const { class: name, onsetNanos } = detection;
    const same = pole.onsets.find(
      (one) =>
        one.class === name &&
        (one.listener === listener
          ? one.timeNanos === onsetNanos
          : distance(one.timeNanos, onsetNanos) <= SAME_NANOS),
    );
    if (same) return same;
    const own = {
      timeNanos: onsetNanos,
      listener,
      class: name,
      detectionId: detectionId(detection.pole, name, onsetNanos),
    };
    pole.onsets.push(own);
    return own;
  }

  #prune(pole: Pole, now: Nanos): void {
    const oldest = now - KEPT_NANOS;
    while (pole.heard.length > 0 && pole.heard[0].timeNanos < oldest) pole.heard.shift();
    while (pole.onsets.length > 0 && pole.onsets[0].timeNanos < oldest) pole.onsets.shift();
  }
}

function distance(a: Nanos, b: Nanos): Nanos {
  return a > b ? a - b : b - a;
}
