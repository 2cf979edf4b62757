import { SAMPLE_RATE_HZ } from '../../audio/index.js';
import { carry, resampleTo, SOURCE_RATE_HZ, straightSeconds, type Random } from '../../simulate/index.js';
import { toPoleRate } from '../mono.js';

/** Echoes and the tail run on so long after the clip's end. */
const TAIL_SECONDS = 1.2;
const LEAD_SECONDS = 0.05;
const LOUDEST_SECONDS = 0.05;
/** Of a long clip, so much round its loudest moment is carried. */
const MOST_SECONDS = 5;
/** Of background alone before the clip: the onset picker knows what was there before. */
const BACKGROUND_LEAD_SECONDS = 1;

/**
 * What a pole hears of a close-up clip over `meters` of a town: the simulate room's spreading, air, ground, façades and
 * diffuse tail. 16 kHz in and out; the level falls with the distance, which mixing makes good.
 */
export function carriedAfar(clip: Float32Array, meters: number, wide: boolean, random: Random): Float32Array {
  const source = resampleTo(aroundLoudest(clip), SAMPLE_RATE_HZ, SOURCE_RATE_HZ);
  const pressure = new Float32Array(source.length + Math.round(TAIL_SECONDS * SOURCE_RATE_HZ));
  const where = { eastMeters: meters, northMeters: 0, weather: {} };
  carry(
    source,
    { ...where, emissionSeconds: LEAD_SECONDS - straightSeconds(where), around: { wide } },
    pressure,
    random,
  );
  return toPoleRate(pressure, SOURCE_RATE_HZ);
}

/**
 * The clip a second into a stretch of background, `snrDb` above it: RMS of the clip's loudest 50 ms over the RMS of the
 * background. Scaled down only where the sum would clip. `background` is used round and round from `from` on.
 */
export function mixInto(
  clip: Float32Array,
  background: Float32Array,
  from: number,
  snrDb: number,
): Float32Array {
  const lead = BACKGROUND_LEAD_SECONDS * SAMPLE_RATE_HZ;
  const mixed = new Float32Array(lead + clip.length);
  let square = 0;
  for (let i = 0; i < mixed.length; i++) {
    mixed[i] = background[(from + i) % background.length];
    square += mixed[i] * mixed[i];
  }
  const noise = Math.sqrt(square / mixed.length) || 1e-4;
  const loudest = loudestOf(clip).rms;
  const gain = loudest > 0 ? (noise / loudest) * 10 ** (snrDb / 20) : 0;
  let peak = 0;
  for (let i = 0; i < clip.length; i++) mixed[lead + i] += gain * clip[i];
  for (const x of mixed) peak = Math.max(peak, Math.abs(x));
  if (peak > 1) for (let i = 0; i < mixed.length; i++) mixed[i] /= peak;
  return mixed;
}

function aroundLoudest(clip: Float32Array): Float32Array {
  const most = MOST_SECONDS * SAMPLE_RATE_HZ;
  if (clip.length <= most) return clip;
  const from = Math.min(Math.max(0, loudestOf(clip).at - most / 4), clip.length - most);
  return clip.subarray(from, from + most);
}

/** The window of 50 ms with most energy, on a grid of its half. */
function loudestOf(clip: Float32Array): { at: number; rms: number } {
  const width = LOUDEST_SECONDS * SAMPLE_RATE_HZ;
  let best = { at: 0, rms: 0 };
  for (let at = 0; at === 0 || at + width <= clip.length; at += width / 2) {
    let square = 0;
    const end = Math.min(clip.length, at + width);
    for (let i = at; i < end; i++) square += clip[i] * clip[i];
    const rms = Math.sqrt(square / Math.max(1, end - at));
    if (rms > best.rms) best = { at, rms };
  }
  return best;
}
