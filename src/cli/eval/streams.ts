import { Random } from '../../simulate/index.js';
import { recordingsBelow, SOUND_EXTENSIONS } from '../mono.js';
import { invalid, readClips } from './clip-list.js';
import type { FoundEvent, SoundEvent } from './events.js';
import type { NamedClassifier } from './open-models.js';
import { makeSoundscape } from './soundscape.js';
import { falseAlarms, streamFigures, type FalseAlarms, type StreamFigures } from './stream-figures.js';
import { hearNegatives, hearSoundscape } from './stream-run.js';

const SCAPE_SECONDS = 300;
const POLES = 4;

export interface StreamOptions {
  /** Of generated sound; four poles hear it. 0: none. */
  minutes: number;
  clips: readonly string[];
  negatives: readonly string[];
  seed: string;
  say: (line: string) => void;
}

export interface NegativeFigures extends FalseAlarms {
  files: number;
  /** At the shipped thresholds: where to look. */
  alerts: Array<Pick<FoundEvent, 'file' | 'class' | 'onset' | 'score'>>;
}

export interface StreamResult {
  model: string;
  generated?: StreamFigures;
  /** Real sound, apart from the generated. */
  negatives?: NegativeFigures;
}

/** Stream level: soundscapes and hours of negatives through the whole pipeline; each soundscape is made once for all models. */
export async function evaluateStreams(
  models: readonly NamedClassifier[],
  options: StreamOptions,
): Promise<StreamResult[]> {
  const generated = options.minutes > 0 ? await generatedFigures(models, options) : [];
  const negatives = options.negatives.length > 0 ? await negativeFigures(models, options) : [];
  return models.map(({ label }, i) => ({
    model: label,
    ...(generated[i] && { generated: generated[i] }),
    ...(negatives[i] && { negatives: negatives[i] }),
  }));
}

async function generatedFigures(
  models: readonly NamedClassifier[],
  { minutes, clips: paths, seed, say }: StreamOptions,
): Promise<StreamFigures[]> {
  const clips = (await Promise.all(paths.map(readClips))).flat();
  const truths: SoundEvent[] = [];
  const found = models.map(() => ({ shipped: [] as FoundEvent[], permissive: [] as FoundEvent[] }));
  const seconds = minutes * 60;
  for (let index = 0; index * SCAPE_SECONDS < seconds; index++) {
    const length = Math.min(SCAPE_SECONDS, seconds - index * SCAPE_SECONDS);
    const scape = await makeSoundscape(index, length, clips, new Random(`${seed}/soundscape ${index}`));
    truths.push(...scape.truths);
    for (const [i, { classifier }] of models.entries()) {
      const heard = await hearSoundscape(scape, classifier);
      found[i].shipped.push(...heard.shipped);
      found[i].permissive.push(...heard.permissive);
    }
    say(`${Math.min(minutes, ((index + 1) * SCAPE_SECONDS) / 60)} of ${minutes} min of soundscapes`);
  }
  return found.map((one) => streamFigures({ truths, ...one, seconds, poles: POLES }));
}

async function negativeFigures(
  models: readonly NamedClassifier[],
  { negatives, say }: StreamOptions,
): Promise<NegativeFigures[]> {
  const files: string[] = [];
  for (const folder of negatives) {
    const own = await recordingsBelow(folder);
    if (own.length === 0)
      throw invalid(
        folder,
        `no recordings (${SOUND_EXTENSIONS.join(', ')}) in it`,
        'Give a folder of negatives',
      );
    files.push(...own);
  }
  const figures: NegativeFigures[] = [];
  for (const { label, classifier } of models) {
    let told = 0;
    const run = await hearNegatives(files, classifier, (seconds, done) => {
      if (seconds - told < 600) return;
      told = seconds;
      say(`${label}: ${(seconds / 3600).toFixed(2)} h of negatives, ${done} of ${files.length} files`);
    });
    if (run.unreadable.length > 0)
      say(`${run.unreadable.length} recordings could not be read, such as ${run.unreadable[0]}`);
    if (run.seconds === 0)
      throw invalid(negatives.join(', '), 'nothing in it can be read', 'Give recordings');
    figures.push({
      files: files.length - run.unreadable.length,
      ...falseAlarms(run.shipped.length, run.seconds),
      alerts: run.shipped
        .map(({ file, class: name, onset, score }) => ({ file, class: name, onset, score }))
        .sort((a, b) => (a.file < b.file ? -1 : 1)),
    });
  }
  return figures;
}
