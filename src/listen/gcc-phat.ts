import { fft } from './fft.js';

/** Bins weaker than this beside the strongest hold noise, and whitening would raise it to the level of the signal. */
const LEAST_BIN = 1e-3;
/** Correlation is read this many times finer than the samples before the parabola: whitened peaks are narrow. */
const FINER = 8;

/** How much later the sound came to one microphone than to the other. */
export interface Delay {
  /** Seconds; positive: later at `b`. */
  seconds: number;
  /** Height of the peak, 0 to 1: 1 for pure delay. */
  coherence: number;
}

/**
 * Time difference of arrival by generalised cross-correlation with phase transform:
 * R(τ) = F⁻¹{ A*·B / |A*·B| } (Knapp & Carter 1976, IEEE Trans. ASSP 24(4), 320–327, the PHAT processor), read
 * `FINER` times finer by zero-padding the spectrum, then by a parabola through the peak and its neighbours.
 * `a`, `b`: same length, same rate. Looks only at lags within ±`maxSeconds`. Silence has no delay: undefined.
 */
export function gccPhat(
  a: Float32Array,
  b: Float32Array,
  rateHz: number,
  maxSeconds: number,
): Delay | undefined {
  const size = 2 ** Math.ceil(Math.log2(2 * a.length));
  const [ar, ai] = spectrum(a, size);
  const [br, bi] = spectrum(b, size);
  const long = size * FINER;
  const re = new Float64Array(long);
  const im = new Float64Array(long);
  let strongest = 0;
  for (let k = 1; k < size / 2; k++) {
    re[k] = ar[k] * br[k] + ai[k] * bi[k];
    im[k] = ar[k] * bi[k] - ai[k] * br[k];
    strongest = Math.max(strongest, Math.hypot(re[k], im[k]));
  }
  if (!(strongest > 0)) return undefined;
  let used = 0;
  for (let k = 1; k < size / 2; k++) {
    const magnitude = Math.hypot(re[k], im[k]);
    const weight = magnitude > LEAST_BIN * strongest ? 1 / magnitude : 0;
    if (weight > 0) used++;
    re[k] *= weight;
    im[k] *= weight;
    re[long - k] = re[k];
    im[long - k] = -im[k];
  }
  // The inverse transform, by swapping the parts.
  fft(im, re);
  const most = Math.min(size / 2 - 1, Math.ceil(maxSeconds * rateHz)) * FINER;
  const at = (lag: number): number => re[(lag + long) % long];
  let best = -most;
  for (let lag = -most; lag <= most; lag++) if (at(lag) > at(best)) best = lag;
  const [before, peak, after] = [at(best - 1), at(best), at(best + 1)];
  const curve = before - 2 * peak + after;
  const shift = curve < 0 ? (before - after) / (2 * curve) : 0;
  return { seconds: (best + shift) / (FINER * rateHz), coherence: peak / (2 * used) };
}

function spectrum(samples: Float32Array, size: number): [Float64Array, Float64Array] {
  const re = new Float64Array(size);
  const im = new Float64Array(size);
  re.set(samples);
  fft(re, im);
  return [re, im];
}
