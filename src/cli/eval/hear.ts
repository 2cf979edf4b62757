import { SAMPLE_RATE_HZ, secondsToNanos, type Nanos } from '../../audio/index.js';
import type { Site } from '../../config/index.js';
import {
  Listener,
  type Classifier,
  type Detection,
  type ScoredPatch,
  type Scores,
} from '../../listen/index.js';

const BLOCK_SAMPLES = SAMPLE_RATE_HZ / 2;
const POLE = 'pole';

/** One pole whose place is unknown: an infinite uncertainty keeps anyone from making a point of its [0, 0]. */
export const ONE_POLE: Site = {
  site: 'local',
  poles: [
    { pole: POLE, position: [0, 0], altitudeMeters: 0, recorded: true, positionUncertaintyMeters: Infinity },
  ],
};

export interface Heard {
  /** In order of their ends, on the grid and for onsets. */
  patches: ScoredPatch[];
  detections: Detection[];
}

/** What one pole of the service makes of a stretch of 16 kHz sound: the same patches, onsets and trackers. */
export async function hear(
  classifier: Classifier,
  samples: Float32Array,
  startNanos: Nanos = 0n,
): Promise<Heard> {
  const heard: Heard = { patches: [], detections: [] };
  const listener = new Listener({
    site: ONE_POLE,
    classifier,
    sink: {
      onDetection: (detection) => void heard.detections.push(detection),
      onPatch: (_pole, patch) => void heard.patches.push(patch),
      onDecided: () => undefined,
    },
  });
  for (let at = 0; at < samples.length; at += BLOCK_SAMPLES) {
    await listener.accept(POLE, {
      startNanos: startNanos + secondsToNanos(at / SAMPLE_RATE_HZ),
      samples: samples.subarray(at, at + BLOCK_SAMPLES),
      afterBreak: at === 0,
      filledSamples: 0,
    });
  }
  await listener.close();
  return heard;
}

/** The highest score of each class over some patches. */
export function highest(patches: readonly ScoredPatch[]): Scores {
  const best: Record<string, number> = {};
  for (const { scores } of patches)
    for (const [name, score] of Object.entries(scores)) best[name] = Math.max(best[name] ?? 0, score);
  return best;
}

/** Works a list off with so many at a time, so that the classifier's batches fill; results in order. */
export async function sideBySide<T, R>(
  items: readonly T[],
  lanes: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index], index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, items.length) }, lane));
  return results;
}
