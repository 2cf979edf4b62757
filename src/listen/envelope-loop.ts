import { SAMPLE_RATE_HZ } from '../audio/index.js';

/**
 * The inner loop of the envelope in WebAssembly SIMD: a quarter of the time that JavaScript takes for it.
 * Assembled from envelope.wat, beside this file; a test assembles it again and compares.
 */
export const ENVELOPE_WASM =
  'AGFzbQEAAAABBQFgAX8AAwIBAAUDAQACBxECBm1lbW9yeQIABGJpbnMAAAq9BwG6BwIFfxV7QQD9AAQAIQ5BEP0ABAAhFEEg/QAEACEJQYAIIQFBgKACIQNBgKgEIQRBgNAEIQUgASAAQQZ0aiECAkADQCABIAJPDQEgGiEYIBohGQNAIAH9AAQAIQYgBv1fIQcgBiAG/Q0ICQoLDA0ODwgJCgsMDQ4P/V8hCEHgAP0ABAAgByAJIAf9DQgJCgsMDQ4PEBESExQVFhf98QH98gEhCkHgAP0ABAAgCCAHIAj9DQgJCgsMDQ4PEBESExQVFhf98QH98gEhCyAIIQkgCkHgAP0ABAAgGiAK/Q0AAQIDBAUGBxAREhMUFRYX/fIB/fABIQogC0HgAP0ABAAgGiAL/Q0AAQIDBAUGBxAREhMUFRYX/fIB/fABIQsgC0HAAP0ABAAgCiAK/Q0ICQoLDA0ODwgJCgsMDQ4P/fIB/fABIQsgDiAO/Q0ICQoLDA0ODwgJCgsMDQ4PIRcgCkHAAP0ABAAgF/3yAf3wASEMIAtB0AD9AAQAIBf98gH98AEhDSAZIAz97AEgDf3sAf33Af33ASEZIA4gDP0NCAkKCwwNDg8QERITFBUWFyEXQfAA/QAEACAMIBcgF/3wAf3xASAO/fAB/fIBIQ8gDCAN/Q0ICQoLDA0ODxAREhMUFRYXIRFB8AD9AAQAIA0gESAR/fAB/fEBIAz98AH98gEhECANIQ4gDyAQ/Q0ICQoLDA0ODxAREhMUFRYXIREgGiAP/Q0AAQIDBAUGBxAREhMUFRYXIRcgEEGAAf0ABAAgEf3yAf3wAUGQAf0ABAAgD/3yAUGgAf0ABAAgF/3yAf3wAf3wASETIA9BgAH9AAQAIBf98gH98AEhEiAUIBT9DQgJCgsMDQ4PCAkKCwwNDg8hFSAUIBT9DQABAgMEBQYHAAECAwQFBgchFiASQbAB/QAEACAV/fIBQdAB/QAEACAW/fIB/fAB/fABIRIgE0HAAf0ABAAgFf3yAUHgAf0ABAAgFv3yAf3wAf3wASETIBMhFCAYIBIgEv3yASATIBP98gH98AH98AEhGCADIBL9XiAT/V79DQABAgMEBQYHEBESExQVFhf9CwQAIAFBEGohASADQRBqIQMgAUE/cQ0ACyAERAAAAAAAALA/IBj9IQAgGP0hAaCiOQMAIAUgGf0hACAZ/SEBpbY4AgAgDiAO/ewBQfAB/QAEAP1M/U4hDiAUIBT97AFB8AH9AAQA/Uz9TiEUIARBCGohBCAFQQRqIQUMAAsLQQAgDv0LBABBECAU/QsEAEEgIAn9CwQACw==';

/** Wind and traffic lie below this; the break of a shot, even a far one, reaches above it. */
const HIGH_PASS_HZ = 250;
/** Pole of the one-pole filter that takes DC out before the peak is measured: a corner of about 13 Hz. */
const DC_POLE = 0.995;
/** Filter states smaller than this are zeroed, or long silence would end in slow denormal numbers. */
const TINY = 1e-30;

const { memory, bins: wasmBins } = new WebAssembly.Instance(
  new WebAssembly.Module(Buffer.from(ENVELOPE_WASM, 'base64')),
).exports as unknown as { memory: WebAssembly.Memory; bins(count: number): void };

/** As many samples as one call takes: half a second and a bin. */
export const LOOP_SAMPLES = 8208;
/** What the filters remember: two samples each of the sound without DC, of the high-passed sound, and of the input. */
export const loopState = new Float64Array(memory.buffer, 0, 6);
export const loopInput = new Float32Array(memory.buffer, 1024, LOOP_SAMPLES);
/** High-passed. */
export const loopFiltered = new Float32Array(memory.buffer, 36_864, LOOP_SAMPLES);
/** Mean square of the high-passed sound, by bin of 16 samples. */
export const loopPower = new Float64Array(memory.buffer, 70_656, LOOP_SAMPLES / 16);
/** Greatest magnitude of the sound without DC, by bin. */
export const loopPeak = new Float32Array(memory.buffer, 75_776, LOOP_SAMPLES / 16);

writeConstants(new Float64Array(memory.buffer, 64, 24));

/**
 * Filters `count` whole bins of `loopInput`, on from `loopState`: DC blocker, then a second-order Butterworth high-pass
 * (bilinear transform with prewarping). The memory is shared by all poles, so `wipeLoop` follows within the same call.
 */
export function filterBins(count: number): void {
  wasmBins(count);
}

/** Zeroes the sound, `samples` of it, that lies in the loop's memory. */
export function wipeLoop(samples: number): void {
  loopInput.fill(0, 0, samples);
  loopFiltered.fill(0, 0, samples);
  loopState.fill(0);
}

function writeConstants(into: Float64Array): void {
  const w = (2 * Math.PI * HIGH_PASS_HZ) / SAMPLE_RATE_HZ;
  const alpha = Math.sin(w) / Math.SQRT2;
  const b0 = (1 + Math.cos(w)) / 2 / (1 + alpha);
  const a1 = (-2 * Math.cos(w)) / (1 + alpha);
  const a2 = (1 - alpha) / (1 + alpha);
  const p = DC_POLE;
  // What a one leaves after k samples; and how the k-th sample hangs on the last before the group and on the one before.
  const h = [1, -a1, a1 * a1 - a2];
  h.push(-a1 * h[2] - a2 * h[1]);
  const onLast = [h[1], h[2], h[3], -a1 * h[3] - a2 * h[2]];
  const onBefore = [-a2, ...onLast.slice(0, 3).map((value) => -a2 * value)];
  into.set([p, p ** 2, p ** 3, p ** 4, p, p, b0, b0, h[1], h[1], h[2], h[2], h[3], h[3]]);
  into.set([...onLast, ...onBefore, TINY, TINY], 14);
}
