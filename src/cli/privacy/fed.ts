import { Matcher } from './matcher.js';

/** One pole's sound as it was sent. */
export interface FedSound {
  pole: string;
  sampleRateHz: number;
  samples: Float32Array;
}

const BANDS = 24;
/** Bounds of the bands of the features looked for, Hz; log spacing, as mel and third octaves have it above 500 Hz. */
const LOW_HZ = 100;
const HIGH_HZ = 7_500;
/** Hops at which spectrograms and features are usual. */
const HOP_SECONDS = [0.01, 0.016, 0.02, 0.032, 0.05, 0.1];
/**
 * 64 ms of sound, less than a frame; of a series of features so many values, 1.3 s and more. Half as many are too few:
 * in an hour's pages of levels some stretch of that length is like another by chance.
 */
const PCM_MATCH = 1024;
const SERIES_MATCH = 128;

/** What may be in no file, message or line: the samples, also at half the rate, and features of them over time. */
export function matchersOf(sounds: readonly FedSound[]): { pcm: Matcher; series: Matcher } {
  const samples = sounds.reduce((sum, one) => sum + one.samples.length, 0);
  const pcm = new Matcher({ bits: 24, length: PCM_MATCH, least: 0.95, capacity: 3 * samples + 16 });
  const hops = HOP_SECONDS.map((seconds) => samples / 8_000 / seconds);
  const capacity = hops.reduce((sum, count) => sum + Math.ceil(count) * (BANDS + 2), 1024);
  const series = new Matcher({ bits: 20, length: SERIES_MATCH, least: 0.93, capacity });
  for (const { pole, sampleRateHz, samples: sound } of sounds) {
    pcm.add(`sound of ${pole}`, sound);
    const half = halved(sound);
    pcm.add(`sound of ${pole} at half the rate`, half);
    for (const hopSeconds of HOP_SECONDS) {
      for (const [name, values] of featuresOf(sound, sampleRateHz, hopSeconds))
        series.add(`${name} of ${pole} every ${hopSeconds * 1000} ms`, values);
    }
  }
  return { pcm, series };
}

function halved(samples: Float32Array): Float32Array {
  return Float32Array.from(
    { length: samples.length >> 1 },
    (_, i) => (samples[2 * i] + samples[2 * i + 1]) / 2,
  );
}

/** Level, zero crossings and log energy by band, one value a hop; bands by the Goertzel sums of a Hann window of 32 ms. */
export function featuresOf(
  samples: Float32Array,
  sampleRateHz: number,
  hopSeconds: number,
): Map<string, Float32Array> {
  const hop = Math.round(hopSeconds * sampleRateHz);
  const size = Math.round(0.032 * sampleRateHz);
  const count = Math.max(0, Math.floor((samples.length - size) / hop));
  const names = ['level', 'zero crossings', ...Array.from({ length: BANDS }, (_, b) => `band ${b + 1}`)];
  const out = names.map(() => new Float32Array(count));
  const window = Float64Array.from(
    { length: size },
    (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size),
  );
  const cosines = Array.from({ length: BANDS }, (_, b) => {
    const hz = LOW_HZ * Math.pow(HIGH_HZ / LOW_HZ, b / (BANDS - 1));
    return 2 * Math.cos((2 * Math.PI * Math.min(hz, sampleRateHz * 0.45)) / sampleRateHz);
  });
  for (let frame = 0; frame < count; frame++) {
    let energy = 0;
    let crossings = 0;
    for (let i = 0; i < size; i++) {
      const x = samples[frame * hop + i];
      energy += x * x;
      if (i > 0 && x >= 0 !== samples[frame * hop + i - 1] >= 0) crossings++;
    }
    out[0][frame] = Math.log10(energy + 1e-12);
    out[1][frame] = crossings;
    for (let b = 0; b < BANDS; b++) {
      let [s1, s2] = [0, 0];
      for (let i = 0; i < size; i++) {
        const s0 = samples[frame * hop + i] * window[i] + cosines[b] * s1 - s2;
        s2 = s1;
        s1 = s0;
      }
      out[2 + b][frame] = Math.log10(s1 * s1 + s2 * s2 - cosines[b] * s1 * s2 + 1e-12);
    }
  }
  return new Map(names.map((name, i) => [name, out[i]]));
}
