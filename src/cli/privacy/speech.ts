import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ClameurError } from '../../config/index.js';
import { openRecording } from '../../feeds/index.js';
import {
  Random,
  randomSpeaker,
  randomVowel,
  resampleTo,
  SOURCE_RATE_HZ,
  syllable,
  type Syllable,
} from '../../simulate/index.js';

/** Every word has the same number of syllables and the same room in time: only what is said tells them apart. */
const SYLLABLES = 3;
export const SLOT_SECONDS = 0.8;
const LEVELS_DB_SPL = [60, 65, 70, 75, 80, 85, 90];
const FULL_SCALE_DB_SPL = 120;

export interface SpokenWords {
  samples: Float32Array;
  /** Which word each slot of SLOT_SECONDS holds. */
  order: number[];
}

export interface SpeechOptions {
  seed: string;
  words: number;
  /** How often each is said. */
  times: number;
  sampleRateHz: number;
  /** Instead of the made voices: recordings by word, at any rate. */
  recordings?: readonly (readonly Recorded[])[];
}

interface Recorded {
  sampleRateHz: number;
  samples: Float32Array;
}

/** Words in a random order, each time by another voice and at another level from 60 to 90 dB. */
export function spokenWords(options: SpeechOptions): SpokenWords {
  const { seed, words, times, sampleRateHz, recordings } = options;
  const random = new Random(seed);
  const vocabulary = Array.from({ length: words }, (_, word) => shapes(random.fork(`word ${word}`)));
  const order = shuffled(
    Array.from({ length: words * times }, (_, i) => i % words),
    random,
  );
  const slot = Math.round(SLOT_SECONDS * sampleRateHz);
  const samples = new Float32Array(order.length * slot);
  order.forEach((word, i) => {
    const own = recordings?.[word];
    const made = own
      ? random.pick(own)
      : { sampleRateHz: SOURCE_RATE_HZ, samples: say(vocabulary[word], random) };
    const sound = resampleTo(made.samples, made.sampleRateHz, sampleRateHz).subarray(0, slot);
    const power = sound.reduce((sum, x) => sum + x * x, 0) / Math.max(1, sound.length);
    const gain = Math.pow(10, (random.pick(LEVELS_DB_SPL) - FULL_SCALE_DB_SPL) / 20) / Math.sqrt(power || 1);
    for (let k = 0; k < sound.length; k++) samples[i * slot + k] = sound[k] * gain;
  });
  return { samples, order };
}

/** A folder with a folder of recordings for each word, as data sets of spoken commands have it. */
export async function recordedWords(folder: string): Promise<Recorded[][]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const words = entries.filter((entry) => entry.isDirectory());
  const all = await Promise.all(
    words.map(async ({ name }) => {
      const files = (await readdir(join(folder, name))).filter((file) => /\.(wav|flac|ogg|mp3)$/i.test(file));
      return Promise.all(files.slice(0, 50).map((file) => decode(join(folder, name, file))));
    }),
  );
  const kept = all.filter((recordings) => recordings.length > 0);
  if (kept.length >= 2) return kept;
  const problem = 'is not a folder with a folder of recordings for each of at least two words';
  throw new ClameurError('RECORDING_UNREADABLE', { file: folder, problem, mend: 'Arrange it so' });
}

async function decode(file: string): Promise<Recorded> {
  const recording = await openRecording(file);
  const pieces: Float32Array[] = [];
  for await (const [first] of recording.pieces()) pieces.push(first.slice());
  const samples = new Float32Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    samples.set(piece, at);
    at += piece.length;
  }
  return { sampleRateHz: recording.sampleRateHz, samples };
}

function shapes(random: Random): Syllable[] {
  return Array.from({ length: SYLLABLES }, () => ({
    seconds: random.uniform(0.12, 0.18),
    from: randomVowel(random, false),
    to: randomVowel(random, false),
    pitch: [1.1, random.uniform(0.95, 1.15), 0.95] as const,
    consonantSeconds: random.uniform(0.03, 0.07),
    shout: false,
  }));
}

function say(word: readonly Syllable[], random: Random): Float32Array {
  const speaker = randomSpeaker(random, 'talk');
  const sounds = word.map((shape) => syllable(speaker, shape, random));
  const out = new Float32Array(sounds.reduce((sum, sound) => sum + sound.length, 0));
  let at = 0;
  for (const sound of sounds) {
    out.set(sound, at);
    at += sound.length;
  }
  return out;
}

export function shuffled<T>(list: T[], random: Random): T[] {
  for (let i = list.length - 1; i > 0; i--) {
    const k = random.int(0, i);
    [list[i], list[k]] = [list[k], list[i]];
  }
  return list;
}
