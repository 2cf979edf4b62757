/**
 * Sums over sound in WebAssembly SIMD: in JavaScript they cost more than the filters.
 * Assembled from moments.wat, beside this file; a test assembles it again and compares.
 */
export const MOMENTS_WASM =
  'AGFzbQEAAAABBQFgAX8AAwIBAAUDAQACBxQCBm1lbW9yeQIAB21vbWVudHMAAArgAQHdAQICfwh7QcAAIQFBwAAgAEECdGohAgJAA0AgASACTw0BIAH9AAQAIQMgA/1fIQQgAyAD/Q0ICQoLDA0ODwgJCgsMDQ4P/V8hBSAGIAT98AEhBiAHIAX98AEhByAIIAQgBP3yAf3wASEIIAkgBSAF/fIB/fABIQkgCiAD/eAB/esBIQogAUEQaiEBDAALCyAGIAf98AEhBiAIIAn98AEhCEEAIAb9IQAgBv0hAaA5AwBBCCAI/SEAIAj9IQGgOQMAQRAgCv0fACAK/R8BlyAK/R8CIAr9HwOXl7s5AwAL';

/** What a stretch of sound amounts to. */
export interface Moments {
  sum: number;
  squares: number;
  /** Greatest magnitude. */
  peak: number;
}

const { memory, moments: wasmMoments } = new WebAssembly.Instance(
  new WebAssembly.Module(Buffer.from(MOMENTS_WASM, 'base64')),
).exports as unknown as { memory: WebAssembly.Memory; moments(count: number): void };

/** Longer sound is worked off in pieces of this. */
const PIECE_SAMPLES = 16_384;
const results = new Float64Array(memory.buffer, 0, 3);
const input = new Float32Array(memory.buffer, 64, PIECE_SAMPLES);

/**
 * Sums `samples` from `from` to before `to` into `into`, whose values it replaces: whoever calls it a thousand times a
 * second keeps one.
 */
export function momentsOf(samples: Float32Array, from: number, to: number, into: Moments): Moments {
  into.sum = into.squares = into.peak = 0;
  for (let at = from; at < to; at += PIECE_SAMPLES)
    addPiece(samples, at, Math.min(to, at + PIECE_SAMPLES), into);
  return into;
}

function addPiece(samples: Float32Array, from: number, to: number, into: Moments): void {
  const length = to - from;
  input.set(from === 0 && to === samples.length ? samples : samples.subarray(from, to));
  // What lies behind, up to the next four, is zero: every call leaves the memory so.
  wasmMoments(Math.ceil(length / 4) * 4);
  input.fill(0, 0, length);
  into.sum += results[0];
  into.squares += results[1];
  into.peak = Math.max(into.peak, results[2]);
}
