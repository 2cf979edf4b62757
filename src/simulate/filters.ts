import type { Random } from './random.js';

/** Filters and noises that the synthesised sources are built from. All run in place on mono samples. */

/** Second-order section, transposed direct form II; coefficients after R. Bristow-Johnson, Audio EQ Cookbook. */
export class Biquad {
  private s1 = 0;
  private s2 = 0;
  private constructor(
    private readonly b0: number,
    private readonly b1: number,
    private readonly b2: number,
    private readonly a1: number,
    private readonly a2: number,
  ) {}

  /** `hz` is clamped below 0.49 of the rate. `q` 0.7071 is Butterworth. */
  static lowpass(hz: number, rateHz: number, q = Math.SQRT1_2): Biquad {
    const { cos, alpha } = prototype(hz, rateHz, q);
    return Biquad.normalised((1 - cos) / 2, 1 - cos, (1 - cos) / 2, cos, alpha);
  }

  static highpass(hz: number, rateHz: number, q = Math.SQRT1_2): Biquad {
    const { cos, alpha } = prototype(hz, rateHz, q);
    return Biquad.normalised((1 + cos) / 2, -(1 + cos), (1 + cos) / 2, cos, alpha);
  }

  /** 0 dB at the centre. */
  static bandpass(hz: number, rateHz: number, q: number): Biquad {
    const { cos, alpha } = prototype(hz, rateHz, q);
    return Biquad.normalised(alpha, 0, -alpha, cos, alpha);
  }

  private static normalised(b0: number, b1: number, b2: number, cos: number, alpha: number): Biquad {
    const a0 = 1 + alpha;
    return new Biquad(b0 / a0, b1 / a0, b2 / a0, (-2 * cos) / a0, (1 - alpha) / a0);
  }

  next(x: number): number {
    const y = this.b0 * x + this.s1;
    this.s1 = this.b1 * x - this.a1 * y + this.s2;
    this.s2 = this.b2 * x - this.a2 * y;
    return y;
  }

  run(samples: Float32Array): Float32Array {
    for (let i = 0; i < samples.length; i++) samples[i] = this.next(samples[i]);
    return samples;
  }
}

function prototype(hz: number, rateHz: number, q: number): { cos: number; alpha: number } {
  const w = (2 * Math.PI * Math.min(hz, 0.49 * rateHz)) / rateHz;
  return { cos: Math.cos(w), alpha: Math.sin(w) / (2 * q) };
}

/** Klatt's two-pole resonator, unity gain at 0 Hz, tunable while it runs (Klatt 1980). */
export class Resonator {
  private a = 1;
  private b = 0;
  private c = 0;
  private y1 = 0;
  private y2 = 0;

  constructor(private readonly rateHz: number) {}

  tune(hz: number, bandwidthHz: number): void {
    const r = Math.exp((-Math.PI * bandwidthHz) / this.rateHz);
    this.c = -r * r;
    this.b = 2 * r * Math.cos((2 * Math.PI * hz) / this.rateHz);
    this.a = 1 - this.b - this.c;
  }

  next(x: number): number {
    const y = this.a * x + this.b * this.y1 + this.c * this.y2;
    this.y2 = this.y1;
    this.y1 = y;
    return y;
  }
}

/** Gaussian-like white noise, RMS 1. */
export function whiteNoise(length: number, random: Random): Float32Array {
  const out = new Float32Array(length);
  // Two uniforms of variance 1/3 each: a triangle, smooth enough for a noise and cheap.
  for (let i = 0; i < length; i++) out[i] = (random.white() + random.white()) * 1.224744871;
  return out;
}

/** Noise falling 3 dB an octave (Kellet's refined filter, ±0.05 dB above 9 Hz at 44.1 kHz), RMS about 1. */
export function pinkNoise(length: number, random: Random): Float32Array {
  const out = new Float32Array(length);
  let b0 = 0;
  let b1 = 0;
  let b2 = 0;
  for (let i = 0; i < length; i++) {
    const w = random.white() * 1.732;
    b0 = 0.99765 * b0 + w * 0.099046;
    b1 = 0.963 * b1 + w * 0.2965164;
    b2 = 0.57 * b2 + w * 1.0526913;
    out[i] = (b0 + b1 + b2 + w * 0.1848) * 0.56;
  }
  return out;
}

/** A smooth random curve around 0 with unit-like spread, moving at about `hz`: gusts, tremor, loudness of a crowd. */
export function slowNoise(length: number, rateHz: number, hz: number, random: Random): Float32Array {
  const out = new Float32Array(length);
  const step = rateHz / hz;
  let from = random.normal();
  let to = random.normal();
  let position = random.next() * step;
  for (let i = 0; i < length; i++) {
    if (position >= step) {
      position -= step;
      from = to;
      to = random.normal();
    }
    const x = position / step;
    out[i] = from + (to - from) * x * x * (3 - 2 * x);
    position++;
  }
  return out;
}

export function rms(samples: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += samples[i] * samples[i];
  return Math.sqrt(sum / Math.max(1, samples.length));
}

export function peak(samples: Float32Array): number {
  let most = 0;
  for (let i = 0; i < samples.length; i++) most = Math.max(most, Math.abs(samples[i]));
  return most;
}

export function scale(samples: Float32Array, factor: number): Float32Array {
  for (let i = 0; i < samples.length; i++) samples[i] *= factor;
  return samples;
}

/** Adds `gain * part` to `target` from sample `at`; what falls outside is left out. */
export function mix(target: Float32Array, part: Float32Array, at: number, gain = 1): void {
  const from = Math.max(0, -at);
  const to = Math.min(part.length, target.length - at);
  for (let i = from; i < to; i++) target[at + i] += gain * part[i];
}

/** Short raised-cosine fades, so that a cut sound has no clicks at its ends. */
export function fade(samples: Float32Array, fadeSamples: number): Float32Array {
  const n = Math.min(fadeSamples, samples.length >> 1);
  for (let i = 0; i < n; i++) {
    const g = 0.5 - 0.5 * Math.cos((Math.PI * i) / n);
    samples[i] *= g;
    samples[samples.length - 1 - i] *= g;
  }
  return samples;
}
