import { SAMPLE_RATE_HZ } from '../../audio/index.js';
import { openRecording, readScene } from '../../feeds/index.js';
import { Random, resampleTo } from '../../simulate/index.js';
import type { FedSound } from './fed.js';
import { shuffled, spokenWords, SLOT_SECONDS, type SpeechOptions } from './speech.js';

/** How much less each further pole hears of the speech, dB. */
const FURTHER_DB = 3;
/** A street is never silent: 35 dB below a full scale of 120. */
const NOISE = Math.pow(10, (35 - 120) / 20);
const PAUSE_SECONDS = 1.5;

/** One round of sound for every pole: speech, a pause, then a scene with shots. */
export interface Timeline {
  sounds: FedSound[];
  /** Which word each slot holds, from the beginning on. */
  order: number[];
  /**
   * Which slot is said at each place of a round: in the first one by one, then in an order of its own each time. What comes
   * with a place in the round (the end of the last one's shots, the look at the pages) comes with no word so.
   */
  slotsOf: (round: number) => number[];
  speechSeconds: number;
  seconds: number;
}

export async function timeline(
  scenePath: string,
  speech: Omit<SpeechOptions, 'sampleRateHz'>,
): Promise<Timeline> {
  const scene = await readScene(scenePath);
  const spoken = spokenWords({ ...speech, sampleRateHz: SAMPLE_RATE_HZ });
  const speechSeconds = spoken.order.length * SLOT_SECONDS;
  const first = scene.recordings.map(({ startNanos }) => startNanos).reduce((a, b) => (b < a ? b : a));
  const random = new Random(`${speech.seed} street`);
  const sounds: FedSound[] = [];
  const from = Math.round((speechSeconds + PAUSE_SECONDS) * SAMPLE_RATE_HZ);
  const shots = await Promise.all(
    scene.recordings.map(async ({ pole, file, startNanos }) => ({
      pole,
      samples: await decode(file),
      at: from + Math.round((Number(startNanos - first) / 1e9) * SAMPLE_RATE_HZ),
    })),
  );
  const length = Math.max(...shots.map(({ samples, at }) => at + samples.length));
  shots.forEach(({ pole, samples, at }, i) => {
    const own = new Float32Array(length);
    const gain = Math.pow(10, (-i * FURTHER_DB) / 20);
    for (let k = 0; k < length; k++) own[k] = (spoken.samples[k] ?? 0) * gain + NOISE * random.white();
    for (let k = 0; k < samples.length; k++) own[at + k] += samples[k];
    // As sent: 16 bits.
    for (let k = 0; k < length; k++)
      own[k] = Math.max(-32768, Math.min(32767, Math.round(own[k] * 32768))) / 32768;
    sounds.push({ pole, sampleRateHz: SAMPLE_RATE_HZ, samples: own });
  });
  const slots = spoken.order.map((_, slot) => slot);
  const slotsOf = (round: number): number[] =>
    round === 0 ? slots : shuffled([...slots], new Random(`${speech.seed} round ${round}`));
  return { sounds, order: spoken.order, slotsOf, speechSeconds, seconds: length / SAMPLE_RATE_HZ };
}

async function decode(file: string): Promise<Float32Array> {
  const recording = await openRecording(file);
  const pieces: number[] = [];
  for await (const [mono] of recording.pieces()) for (const x of mono) pieces.push(x);
  return resampleTo(Float32Array.from(pieces), recording.sampleRateHz, SAMPLE_RATE_HZ);
}
