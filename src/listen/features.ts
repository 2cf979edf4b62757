import meydaModule, { type MeydaAudioFeature } from 'meyda';
import { SAMPLE_RATE_HZ } from '../audio/index.js';
import type { SpectralFeatures } from './detection.js';

// Its types describe an ES module, but what Node gets is CommonJS: the default import is Meyda itself.
const Meyda = meydaModule as unknown as typeof meydaModule.default;

/** A power of two, as Meyda's transform needs; 128 ms. */
const FRAME_SAMPLES = 2048;
const BIN_HZ = SAMPLE_RATE_HZ / FRAME_SAMPLES;
/** Frames below this (RMS) hold nothing to describe. */
const SILENCE_RMS = 1e-5;
const DIGITS = 4;

const EXTRACTED: MeydaAudioFeature[] = [
  'spectralCentroid',
  'spectralFlatness',
  'spectralRolloff',
  'spectralSpread',
  'spectralSkewness',
  'spectralKurtosis',
  'spectralCrest',
  'zcr',
  'loudness',
];

/**
 * Meyda's view of a stretch of 16 kHz mono sound, as a dozen scalars: frames of 128 ms without overlap, each feature
 * averaged with the frames' energy as weight, so a shot speaks louder than the silence round it. Frequencies in Hz
 * (Meyda counts bins), zero crossings a second, loudness in sone over the Bark bands as Meyda sums it, `crest` the peak
 * over the RMS of the whole. Rounded to four digits. A feature that is not a finite number is left out; silence gives
 * undefined. Never throws: these are reasons for people, and no detection may fail for want of them.
 */
export function measureFeatures(samples: Float32Array): SpectralFeatures | undefined {
  const sums = new Map<string, { total: number; weight: number }>();
  const frame = new Float32Array(FRAME_SAMPLES);
  try {
    useOwnSettings();
    for (let from = 0; from + FRAME_SAMPLES <= samples.length; from += FRAME_SAMPLES) {
      frame.set(samples.subarray(from, from + FRAME_SAMPLES));
      const energy = withoutMean(frame);
      if (!(Math.sqrt(energy) > SILENCE_RMS)) continue;
      for (const [name, value] of describe(frame)) {
        if (!Number.isFinite(value)) continue;
        const sum = sums.get(name) ?? { total: 0, weight: 0 };
        sum.total += value * energy;
        sum.weight += energy;
        sums.set(name, sum);
      }
    }
  } catch {
    return undefined;
  } finally {
    frame.fill(0);
  }
  if (sums.size === 0) return undefined;
  const features: Record<string, number> = {};
  for (const [name, { total, weight }] of sums) features[name] = Number((total / weight).toPrecision(DIGITS));
  return { ...features, ...whole(samples) };
}

/** Meyda keeps its settings in a global object that others may have changed. */
function useOwnSettings(): void {
  Meyda.bufferSize = FRAME_SAMPLES;
  Meyda.sampleRate = SAMPLE_RATE_HZ;
  Meyda.windowingFunction = 'hanning';
}

function describe(frame: Float32Array): [string, number][] {
  const found = Meyda.extract(EXTRACTED, frame);
  if (!found) return [];
  const lastBin = FRAME_SAMPLES / 2;
  return [
    ['centroidHz', (found.spectralCentroid ?? NaN) * BIN_HZ],
    ['spreadHz', (found.spectralSpread ?? NaN) * BIN_HZ],
    // Meyda divides the band by one bin too few.
    ['rolloffHz', ((found.spectralRolloff ?? NaN) * (lastBin - 1)) / lastBin],
    ['flatness', found.spectralFlatness ?? NaN],
    ['skewness', found.spectralSkewness ?? NaN],
    ['kurtosis', found.spectralKurtosis ?? NaN],
    ['spectralCrest', found.spectralCrest ?? NaN],
    ['zeroCrossingsPerSecond', ((found.zcr ?? NaN) * SAMPLE_RATE_HZ) / FRAME_SAMPLES],
    ['loudnessSone', found.loudness?.total ?? NaN],
  ];
}

/** Takes the mean out, in place; gives the mean square. */
function withoutMean(frame: Float32Array): number {
  let sum = 0;
  for (const x of frame) sum += x;
  const mean = sum / frame.length;
  let square = 0;
  for (let i = 0; i < frame.length; i++) {
    frame[i] -= mean;
    square += frame[i] * frame[i];
  }
  return square / frame.length;
}

function whole(samples: Float32Array): Record<string, number> {
  let square = 0;
  let peak = 0;
  for (const x of samples) {
    square += x * x;
    peak = Math.max(peak, Math.abs(x));
  }
  const rms = Math.sqrt(square / samples.length);
  if (!(rms > 0) || !Number.isFinite(rms)) return {};
  return { rms: Number(rms.toPrecision(DIGITS)), crest: Number((peak / rms).toPrecision(DIGITS)) };
}
