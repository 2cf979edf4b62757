import { SAMPLE_RATE_HZ } from '../../audio/index.js';
import { background, digitise, SOURCE_RATE_HZ, synthesise, type Random } from '../../simulate/index.js';
import { asFloats, readMono, recordingsBelow, toPoleRate } from '../mono.js';
import { invalid } from './clip-list.js';

const MOST_SECONDS = 60;
const LEAST_SECONDS = 2;
const MADE = 12;
const MADE_SECONDS = 12;
const FULL_SCALE_DB_SPL = 100;

/** Stretches of sound to mix clips into, each at least 2 s of 16 kHz; `label` tells what it is. */
export interface Background {
  label: string;
  samples: Float32Array;
}

/** The recordings of a folder; what cannot be read or is too short is left out. Throws EVAL_INVALID where none is left. */
export async function recordedBackgrounds(folder: string): Promise<Background[]> {
  const found: Background[] = [];
  for (const file of await recordingsBelow(folder)) {
    const samples = await readMono(file, MOST_SECONDS).catch(() => new Float32Array(0));
    if (samples.length >= LEAST_SECONDS * SAMPLE_RATE_HZ) found.push({ label: file, samples });
  }
  if (found.length === 0)
    throw invalid(folder, 'it holds no background of 2 s or longer', 'Give a folder of recordings');
  return found;
}

/** A town of the simulate room: distant noise, with rain, wind, traffic or speech over two thirds of it. */
export function madeBackgrounds(random: Random): Background[] {
  const kinds = ['town', 'rain', 'traffic', 'wind', 'town', 'speech'] as const;
  return Array.from({ length: MADE }, (_, i) => {
    const own = random.fork(`background ${i}`);
    const label = kinds[i % kinds.length];
    const length = MADE_SECONDS * SAMPLE_RATE_HZ;
    const town = background(length, SAMPLE_RATE_HZ, { levelDbSpl: own.uniform(45, 60) }, own.fork('town'));
    if (label !== 'town') {
      const sound = synthesise(label, own.fork(label), {
        seconds: MADE_SECONDS,
        meanDbSpl: own.uniform(55, 75),
      });
      const heard = toPoleRate(sound.samples, SOURCE_RATE_HZ);
      for (let k = 0; k < Math.min(length, heard.length); k++) town[k] += heard[k];
    }
    const samples = asFloats(digitise(town, FULL_SCALE_DB_SPL));
    return { label, samples };
  });
}
