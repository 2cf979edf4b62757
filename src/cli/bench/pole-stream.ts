import {
  encodeFrame,
  FRAME_HEADER_BYTES,
  INT16_FULL_SCALE,
  restampFrame,
  secondsToNanos,
  type Nanos,
} from '../../audio/index.js';
import { BENCH_RATE_HZ, type Clip } from './sounds.js';

export const FRAME_SECONDS = 0.1;
const FRAME_SAMPLES = FRAME_SECONDS * BENCH_RATE_HZ;
const CLOCK_UNCERTAINTY_SECONDS = 0.0005;

/** A loop of sound as encoded frames; several streams may share one. */
export function encodeLoop(pcm: Int16Array): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let from = 0; from + FRAME_SAMPLES <= pcm.length; from += FRAME_SAMPLES) {
    const samples = Float32Array.from(
      pcm.subarray(from, from + FRAME_SAMPLES),
      (value) => value / INT16_FULL_SCALE,
    );
    frames.push(
      encodeFrame({
        encoding: 'int16',
        sampleRateHz: BENCH_RATE_HZ,
        sequence: 0,
        startNanos: 0n,
        clockUncertaintySeconds: CLOCK_UNCERTAINTY_SECONDS,
        channels: [samples],
      }),
    );
  }
  return frames;
}

/** One pole's endless sound: a loop, and clips mixed in at the very sample at which they are heard. */
export class PoleStream {
  readonly #loop: readonly Uint8Array[];
  readonly #offset: number;
  readonly #startNanos: Nanos;
  /** By their first sample, earliest first. */
  readonly #clips: { at: number; pcm: Int16Array }[] = [];

  /** `offsetFrames`: where in the loop the stream begins, so that poles of one loop differ. */
  constructor(loop: readonly Uint8Array[], startNanos: Nanos, offsetFrames = 0) {
    this.#loop = loop;
    this.#startNanos = startNanos;
    this.#offset = offsetFrames;
  }

  /** Lets the front of `clip` be heard `seconds` after the stream's first sample. In any order, before it is due. */
  add({ pcm, frontSample }: Clip, seconds: number): void {
    const at = Math.round(seconds * BENCH_RATE_HZ) - frontSample;
    const after = this.#clips.findIndex((clip) => clip.at > at);
    this.#clips.splice(after < 0 ? this.#clips.length : after, 0, { at, pcm });
  }

  /** The payload of frame `k`; frames are asked for in order. The caller's to keep. */
  frame(k: number): Uint8Array {
    const startNanos = this.#startNanos + secondsToNanos(k * FRAME_SECONDS);
    const payload = restampFrame(this.#loop[(k + this.#offset) % this.#loop.length], k, startNanos);
    const from = k * FRAME_SAMPLES;
    while (this.#clips.length > 0 && this.#clips[0].at + this.#clips[0].pcm.length <= from)
      this.#clips.shift();
    if (this.#clips.length > 0 && this.#clips[0].at < from + FRAME_SAMPLES) this.#mix(payload, from);
    return payload;
  }

  #mix(payload: Uint8Array, from: number): void {
    const view = new DataView(payload.buffer, payload.byteOffset + FRAME_HEADER_BYTES);
    for (const { at, pcm } of this.#clips) {
      if (at >= from + FRAME_SAMPLES) break;
      const first = Math.max(0, at - from);
      const last = Math.min(FRAME_SAMPLES, at + pcm.length - from);
      for (let i = first; i < last; i++) {
        const sum = view.getInt16(2 * i, true) + pcm[from + i - at];
        view.setInt16(2 * i, Math.max(-INT16_FULL_SCALE, Math.min(INT16_FULL_SCALE - 1, sum)), true);
      }
    }
  }
}
