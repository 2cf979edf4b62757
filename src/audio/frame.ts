import type { Nanos } from './time.js';

/** The wire format of src/feeds/README.md, "Frames"; little-endian. */
export const FRAME_HEADER_BYTES = 32;
export const MAX_FRAME_BYTES = 512 * 1024;
export const MAX_FRAME_SECONDS = 1;
export const MIN_RATE_HZ = 8_000;
export const MAX_RATE_HZ = 192_000;
export const MAX_CHANNELS = 8;
/** `CLMR` read as a little-endian u32. */
export const FRAME_MAGIC = 0x524d4c43;
export const FRAME_VERSION = 1;
export const ENCODING_INT16 = 1;
export const ENCODING_FLOAT32 = 2;
export const FLAG_DISCONTINUITY = 1;
export const UNKNOWN_UNCERTAINTY = 0xffffffff;
export const INT16_FULL_SCALE = 32768;

/**
 * Why a frame is no frame: what its bytes break.
 * `length`: shorter than a header, or not exactly header + samples. `time`: past 2262, where signed 64-bit ends.
 * `not_finite`: a NaN or infinity. No converter makes one, so the sender is broken; put to 0 it would be a click that
 * looks like a shot, whereas a dropped frame becomes a gap, which listeners know not to trust.
 * `overscale`: beyond 24 dB over full scale, such as 16-bit numbers sent as floats.
 */
export type FrameFault =
  | 'length'
  | 'oversized'
  | 'magic'
  | 'version'
  | 'encoding'
  | 'channels'
  | 'rate'
  | 'empty'
  | 'too_long'
  | 'time'
  | 'not_finite'
  | 'overscale';

export interface Frame {
  sampleRateHz: number;
  channels: number;
  /** u32, wraps. */
  sequence: number;
  /** Samples were lost or the clock stepped before this frame. */
  discontinuity: boolean;
  startNanos: Nanos;
  /** 1σ; absent = unknown. */
  clockUncertaintySeconds?: number | undefined;
  samplesPerChannel: number;
  /** Interleaved, as sent. The reader's, and valid until its next frame. */
  pcm: Int16Array | Float32Array;
}

const MAX_TIME = 2n ** 63n;
const OVERSCALE = 16;
const HOST_IS_LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** Reads one frame, to the byte. Never throws: bytes that are no frame give the reason. */
export function decodeFrame(payload: Uint8Array): Frame | FrameFault {
  return new FrameReader().read(payload);
}

/**
 * Reads frame after frame through one buffer of its own. A network's payload may begin at any address, and a view on it
 * costs more than copying it: thousands a second would keep the garbage collector busy.
 */
export class FrameReader {
  #bytes = new Uint8Array(0);
  #header = new DataView(this.#bytes.buffer);
  #used = 0;
  /** The samples of the last frame; frames of one size share the view. */
  #pcm: Int16Array | Float32Array = new Int16Array(0);

  /** As `decodeFrame`; the samples are valid until the next call. */
  read(payload: Uint8Array): Frame | FrameFault {
    if (payload.length > MAX_FRAME_BYTES) return 'oversized';
    if (payload.length < FRAME_HEADER_BYTES) return 'length';
    if (this.#bytes.length < payload.length) {
      this.wipe();
      this.#bytes = new Uint8Array(Math.ceil(payload.length / 4) * 4);
      this.#header = new DataView(this.#bytes.buffer, 0, FRAME_HEADER_BYTES);
    }
    this.#bytes.set(payload);
    this.#used = payload.length;
    return this.#decode(payload.length);
  }

  /** Zeroes the sound held. */
  wipe(): void {
    this.#bytes.fill(0, 0, this.#used);
  }

  #decode(length: number): Frame | FrameFault {
    const view = this.#header;
    const bytes = this.#bytes;
    if (view.getUint32(0, true) !== FRAME_MAGIC) return 'magic';
    if (bytes[4] !== FRAME_VERSION) return 'version';
    const encoding = bytes[5];
    if (encoding !== ENCODING_INT16 && encoding !== ENCODING_FLOAT32) return 'encoding';
    const channels = bytes[6];
    if (channels < 1 || channels > MAX_CHANNELS) return 'channels';
    const sampleRateHz = view.getUint32(8, true);
    if (sampleRateHz < MIN_RATE_HZ || sampleRateHz > MAX_RATE_HZ) return 'rate';
    const samplesPerChannel = view.getUint32(28, true);
    if (samplesPerChannel === 0) return 'empty';
    if (samplesPerChannel > sampleRateHz * MAX_FRAME_SECONDS) return 'too_long';
    const bytesPerSample = encoding === ENCODING_INT16 ? 2 : 4;
    const count = samplesPerChannel * channels;
    if (length !== FRAME_HEADER_BYTES + count * bytesPerSample) return 'length';
    const startNanos = view.getBigUint64(16, true);
    if (startNanos >= MAX_TIME) return 'time';
    const pcm = this.#samples(count, encoding);
    if (pcm instanceof Float32Array) {
      const fault = floatFault(pcm);
      if (fault) return fault;
    }
    const uncertainty = view.getUint32(24, true);
    return {
      sampleRateHz,
      channels,
      sequence: view.getUint32(12, true),
      discontinuity: (bytes[7] & FLAG_DISCONTINUITY) !== 0,
      startNanos,
      clockUncertaintySeconds: uncertainty === UNKNOWN_UNCERTAINTY ? undefined : uncertainty / 1e9,
      samplesPerChannel,
      pcm,
    };
  }

  #samples(count: number, encoding: number): Int16Array | Float32Array {
    const kind = encoding === ENCODING_INT16 ? Int16Array : Float32Array;
    const { buffer } = this.#bytes;
    const known = this.#pcm;
    if (known.length !== count || known.buffer !== buffer || !(known instanceof kind))
      this.#pcm = new kind(buffer, FRAME_HEADER_BYTES, count);
    if (!HOST_IS_LITTLE_ENDIAN) {
      const swapped = Buffer.from(buffer, FRAME_HEADER_BYTES, this.#pcm.byteLength);
      if (kind === Int16Array) swapped.swap16();
      else swapped.swap32();
    }
    return this.#pcm;
  }
}

/** Why these floats are no sound; undefined where they are. */
export function floatFault(pcm: Float32Array): FrameFault | undefined {
  let peak = 0;
  // x * 0 is 0 for every finite x and NaN otherwise: one sum finds any of them without a branch a sample.
  let poison = 0;
  for (let i = 0; i < pcm.length; i++) {
    const value = pcm[i];
    poison += value * 0;
    const size = value < 0 ? -value : value;
    if (size > peak) peak = size;
  }
  if (poison !== 0) return 'not_finite';
  return peak > OVERSCALE ? 'overscale' : undefined;
}

/** Averages the frame's channels into `out` (at least `samplesPerChannel` long), full scale ±1. */
export function mixToMono({ pcm, channels, samplesPerChannel }: Frame, out: Float32Array): Float32Array {
  const scale = (pcm instanceof Int16Array ? 1 / INT16_FULL_SCALE : 1) / channels;
  if (channels === 1) {
    for (let i = 0; i < samplesPerChannel; i++) out[i] = pcm[i] * scale;
  } else {
    for (let i = 0, at = 0; i < samplesPerChannel; i++) {
      let sum = 0;
      for (let c = 0; c < channels; c++) sum += pcm[at++];
      out[i] = sum * scale;
    }
  }
  return out.length === samplesPerChannel ? out : out.subarray(0, samplesPerChannel);
}

/** One channel of the frame, full scale ±1, into `out` (at least `samplesPerChannel` long) or a new array. */
export function channelOf(
  { pcm, channels, samplesPerChannel }: Frame,
  channel: number,
  out = new Float32Array(samplesPerChannel),
): Float32Array {
  const scale = pcm instanceof Int16Array ? 1 / INT16_FULL_SCALE : 1;
  for (let i = 0, at = channel; i < samplesPerChannel; i++, at += channels) out[i] = pcm[at] * scale;
  return out.length === samplesPerChannel ? out : out.subarray(0, samplesPerChannel);
}
