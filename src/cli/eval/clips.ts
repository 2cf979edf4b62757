import { Random } from '../../simulate/index.js';
import { madeBackgrounds, recordedBackgrounds } from './backgrounds.js';
import { readClips } from './clip-list.js';
import { clipFigures, type ClipFigures } from './clip-figures.js';
import { scoreClips } from './clip-scores.js';
import type { NamedClassifier } from './open-models.js';

export interface ClipOptions {
  paths: readonly string[];
  clean: boolean;
  snrsDb: readonly number[];
  distances: readonly number[] | { from: number; to: number };
  backgrounds?: string;
  draws: number;
  seed: string;
  say: (line: string) => void;
}

export interface ClipResult extends ClipFigures {
  model: string;
}

/** Clip level: every clip under every condition, by every model. */
export async function evaluateClips(
  models: readonly NamedClassifier[],
  { paths, clean, snrsDb, distances, backgrounds, draws, seed, say }: ClipOptions,
): Promise<ClipResult[]> {
  const clips = (await Promise.all(paths.map(readClips))).flat();
  const noises =
    snrsDb.length === 0
      ? []
      : backgrounds === undefined
        ? madeBackgrounds(new Random(`${seed}/backgrounds`))
        : await recordedBackgrounds(backgrounds);
  const { scored, unreadable } = await scoreClips(
    clips,
    models.map(({ classifier }) => classifier),
    { clean, snrsDb, distances, backgrounds: noises, seed },
    (done, total) => done % 100 === 0 && say(`${done} of ${total} clips`),
  );
  for (const { file, problem } of unreadable.slice(0, 3)) say(`left out: ${file}: ${problem}`);
  if (unreadable.length > 3) say(`… and ${unreadable.length - 3} more that could not be read`);
  return models.map(({ label, classifier }, at) => ({
    model: label,
    ...clipFigures(scored, at, classifier.model, draws, seed),
  }));
}
