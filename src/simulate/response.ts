import { absorptionDbPerMeter } from './absorption.js';
import { Biquad, mix, rms, whiteNoise } from './filters.js';
import type { DiffuseTail, SoundPath } from './paths.js';
import type { Random } from './random.js';
import { SOURCE_RATE_HZ } from './sources/index.js';

export interface AirForAbsorption {
  temperatureC: number;
  relativeHumidity: number;
}

/** Taps on either side of a path's arrival: 1 ms, more than the smear of the air over a kilometre. */
const HALF_TAPS = 48;
const BANDS = 64;
/** The fall of the kernel's window towards its ends (Kaiser β). */
const KAISER_BETA = 7;

/** What a microphone hears of a unit impulse at the source, at `SOURCE_RATE_HZ`. */
export interface Response {
  /** Of `taps[0]`, after the impulse; may be negative by the kernel's half width. */
  startSample: number;
  taps: Float32Array;
}

/**
 * Impulse response of all paths and the diffuse tail. `straightSeconds`: travel time of the straight line; it may
 * carry any other shift too (emission between two samples, the pole's clock).
 */
export function impulseResponse(
  straightSeconds: number,
  paths: readonly SoundPath[],
  tail: DiffuseTail | undefined,
  air: AirForAbsorption,
  random: Random,
): Response {
  const first = Math.min(...paths.map((path) => path.excessSeconds));
  const last = Math.max(...paths.map((path) => path.excessSeconds));
  const startSample = Math.floor((straightSeconds + first) * SOURCE_RATE_HZ) - HALF_TAPS;
  const tailSeconds = tail ? tail.reverberationSeconds * 0.7 : 0;
  const length = Math.ceil(Math.max(last - first, tailSeconds) * SOURCE_RATE_HZ) + 2 * HALF_TAPS + 2;
  const taps = new Float32Array(length);
  for (const path of paths) {
    addPath(taps, (straightSeconds + path.excessSeconds) * SOURCE_RATE_HZ - startSample, path, air);
  }
  if (tail) {
    const strongest = Math.max(...paths.map((path) => path.gain));
    addTail(taps, tail, strongest, random);
  }
  return { startSample, taps };
}

/**
 * One path as a zero-phase FIR centred on `at` (fractional sample): the air's and the walls' magnitude sampled in
 * 64 bands, turned into taps around the exact arrival, Kaiser window. Delay exact to the arithmetic; the magnitude
 * falls to nothing from 20 kHz on, above any pole's band.
 */
function addPath(taps: Float32Array, at: number, path: SoundPath, air: AirForAbsorption): void {
  const middle = Math.round(at);
  const fraction = at - middle;
  const kernel = new Float64Array(2 * HALF_TAPS + 1);
  for (let band = 0; band < BANDS; band++) {
    const hz = ((band + 0.5) / BANDS) * (SOURCE_RATE_HZ / 2);
    const magnitude = path.gain * pathMagnitude(hz, path, air);
    if (magnitude === 0) continue;
    const w = (2 * Math.PI * hz) / SOURCE_RATE_HZ;
    // cos(w(k − fraction)) for consecutive k by Chebyshev's recurrence.
    const step = 2 * Math.cos(w);
    let before = Math.cos(w * (-HALF_TAPS - 1 - fraction));
    let now = Math.cos(w * (-HALF_TAPS - fraction));
    for (let k = 0; k < kernel.length; k++) {
      kernel[k] += (magnitude / BANDS) * now;
      const next = step * now - before;
      before = now;
      now = next;
    }
  }
  for (let k = 0; k < kernel.length; k++) {
    const x = (k - HALF_TAPS - fraction) / (HALF_TAPS + 1);
    const index = middle - HALF_TAPS + k;
    if (index >= 0 && index < taps.length) taps[index] += kernel[k] * kaiser(x, KAISER_BETA);
  }
}

function pathMagnitude(hz: number, path: SoundPath, air: AirForAbsorption): number {
  if (hz > 22_000) return 0;
  const edge = hz > 20_000 ? (22_000 - hz) / 2000 : 1;
  const airDb = absorptionDbPerMeter(hz, air.temperatureC, air.relativeHumidity) * path.lengthMeters;
  const walls = path.lowpassHz === undefined ? 1 : 1 / Math.sqrt(1 + (hz / path.lowpassHz) ** 2);
  return edge * walls * Math.pow(10, -airDb / 20);
}

function addTail(taps: Float32Array, tail: DiffuseTail, strongest: number, random: Random): void {
  const onset = 2 * HALF_TAPS + Math.round(0.004 * SOURCE_RATE_HZ);
  const noise = whiteNoise(Math.max(0, taps.length - onset), random);
  Biquad.lowpass(tail.lowpassHz, SOURCE_RATE_HZ, 0.6).run(noise);
  const decay = (tail.reverberationSeconds * SOURCE_RATE_HZ) / Math.log(1000);
  const rise = 0.02 * SOURCE_RATE_HZ;
  for (let i = 0; i < noise.length; i++) noise[i] *= (1 - Math.exp(-i / rise)) * Math.exp(-i / decay);
  const energy = rms(noise) * Math.sqrt(noise.length);
  if (energy > 0) mix(taps, noise, onset, (strongest * Math.pow(10, tail.energyDb / 20)) / energy);
}

/** Kaiser window at `x` in [-1, 1] of its half width; 0 outside. */
export function kaiser(x: number, beta: number): number {
  return x * x >= 1 ? 0 : besselI0(beta * Math.sqrt(1 - x * x)) / besselI0(beta);
}

function besselI0(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; k < 40 && term > 1e-12 * sum; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}
