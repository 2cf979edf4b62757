import { kaiser } from './response.js';

/** Half width of the kernel in samples of the slower rate; 80 dB of stop band with the Kaiser window. */
const HALF_WIDTH = 24;
const KAISER_BETA = 8;

/**
 * Between any two rates, band-limited at 0.45 of the lower one by a Kaiser-windowed sinc. Sample k of the result lies
 * exactly at time k / `toHz`; before the first and after the last sample there is silence.
 */
export function resampleTo(samples: Float32Array, fromHz: number, toHz: number): Float32Array {
  if (fromHz === toHz) return samples;
  const step = fromHz / toHz;
  const out = new Float32Array(Math.floor(samples.length / step));
  const cutoff = 0.9 * Math.min(1, 1 / step);
  const half = Math.ceil(HALF_WIDTH * Math.max(1, step));
  const kernels = new Map<number, Float64Array>();
  for (let k = 0; k < out.length; k++) {
    const at = k * step;
    const middle = Math.round(at);
    // Rates such as 44.1 kHz repeat after some hundred samples; a key of 1e-9 samples joins the equal ones.
    const key = Math.round((at - middle) * 1e9);
    let kernel = kernels.get(key);
    if (!kernel) {
      kernel = sincKernel(at - middle, cutoff, half);
      kernels.set(key, kernel);
    }
    let sum = 0;
    const from = Math.max(0, half - middle);
    const to = Math.min(kernel.length, samples.length - middle + half);
    for (let i = from; i < to; i++) sum += kernel[i] * samples[middle - half + i];
    out[k] = sum;
  }
  return out;
}

function sincKernel(fraction: number, cutoff: number, half: number): Float64Array {
  return Float64Array.from({ length: 2 * half + 1 }, (_, i) => {
    const x = i - half - fraction;
    const sinc = x === 0 ? 1 : Math.sin(Math.PI * cutoff * x) / (Math.PI * cutoff * x);
    return cutoff * sinc * kaiser(x / (half + 1), KAISER_BETA);
  });
}
