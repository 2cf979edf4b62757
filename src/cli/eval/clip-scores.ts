import type { Classifier, Scores } from '../../listen/index.js';
import { Random } from '../../simulate/index.js';
import { readMono } from '../mono.js';
import { carriedAfar, mixInto } from './afar.js';
import type { Background } from './backgrounds.js';
import type { Clip } from './clip-list.js';
import { hear, highest, sideBySide } from './hear.js';

const MOST_SECONDS = 10;
const LANES = 8;

/** How clips are made distant and noisy; the same for positives and negatives. */
export interface Conditions {
  /** As they are. */
  clean: boolean;
  snrsDb: readonly number[];
  /** Each clip at each of these, or once at a distance drawn from a range, metres. */
  distances: readonly number[] | { from: number; to: number };
  backgrounds: readonly Background[];
  seed: string;
}

/** A clip as one model scored it: the highest score a class over all patches, on the grid and for onsets. */
export interface ScoredClip {
  clip: Clip;
  /** `clean`, or what was done to it: `10 dB`. */
  condition: string;
  distanceMeters?: number;
  /** One a model, in the order given. */
  scores: Scores[];
}

interface Take {
  condition: string;
  distanceMeters?: number;
  samples: Float32Array;
}

export interface ClipRun {
  scored: ScoredClip[];
  unreadable: { file: string; problem: string }[];
}

/** Scores every clip under every condition by every model; each take is made once and heard by all of them. */
export async function scoreClips(
  clips: readonly Clip[],
  classifiers: readonly Classifier[],
  conditions: Conditions,
  onProgress: (done: number, total: number) => void,
): Promise<ClipRun> {
  const unreadable: ClipRun['unreadable'] = [];
  let done = 0;
  const scored = await sideBySide(clips, LANES, async (clip): Promise<ScoredClip[]> => {
    const rows: ScoredClip[] = [];
    const samples = await readMono(clip.file, MOST_SECONDS).catch((error: Error) => {
      unreadable.push({ file: clip.file, problem: error.message });
    });
    for (const { samples: sound, ...take } of samples ? takesOf(clip, samples, conditions) : []) {
      const scores: Scores[] = [];
      for (const classifier of classifiers) scores.push(highest((await hear(classifier, sound)).patches));
      rows.push({ clip, scores, ...take });
    }
    onProgress(++done, clips.length);
    return rows;
  });
  return { scored: scored.flat(), unreadable };
}

function* takesOf(clip: Clip, samples: Float32Array, conditions: Conditions): Generator<Take> {
  const { clean, snrsDb, distances, backgrounds, seed } = conditions;
  if (clean)
    yield {
      condition: clip.snrDb === undefined ? 'clean' : `${clip.snrDb} dB`,
      ...(clip.distanceMeters !== undefined && { distanceMeters: clip.distanceMeters }),
      samples,
    };
  if (snrsDb.length === 0) return;
  const random = new Random(`${seed}/${clip.file}`);
  const list = 'from' in distances ? [random.uniform(distances.from, distances.to)] : distances;
  for (const meters of list) {
    const afar = carriedAfar(samples, meters, clip.class === 'crowd_clamour', random.fork(meters));
    const background = random.pick(backgrounds).samples;
    const from = random.int(0, background.length - 1);
    for (const snrDb of snrsDb)
      yield {
        condition: `${snrDb} dB`,
        distanceMeters: meters,
        samples: mixInto(afar, background, from, snrDb),
      };
  }
}
