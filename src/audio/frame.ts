import type { Nanos } from './time.js';

/** The wire format of design.md, "Audio frames"; little-endian. */
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
  clockUncertaintySeconds?: number;
  samplesPerChannel: number;
  /** Interleaved, as sent. A view of the payload where that is aligned: valid as long as the payload is. */
  pcm: Int16Array | Float32Array;
}

const MAX_TIME = 2n ** 63n;
const OVERSCALE = 16;
const HOST_IS_LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** Reads one frame, to the byte. Never throws: bytes that are no frame give the reason. */
export function decodeFrame(payload: Uint8Array): Frame | FrameFault {
  if (payload.length > MAX_FRAME_BYTES) return 'oversized';
  if (payload.length < FRAME_HEADER_BYTES) return 'length';
  const view = new DataView(payload.buffer, payload.byteOffset, FRAME_HEADER_BYTES);
  if (view.getUint32(0, true) !== FRAME_MAGIC) return 'magic';
  if (payload[4] !== FRAME_VERSION) return 'version';
  const encoding = payload[5];
  if (encoding !== ENCODING_INT16 && encoding !== ENCODING_FLOAT32) return 'encoding';
  const channels = payload[6];
  if (channels < 1 || channels > MAX_CHANNELS) return 'channels';
  const sampleRateHz = view.getUint32(8, true);
  if (sampleRateHz < MIN_RATE_HZ || sampleRateHz > MAX_RATE_HZ) return 'rate';
  const samplesPerChannel = view.getUint32(28, true);
  if (samplesPerChannel === 0) return 'empty';
  if (samplesPerChannel > sampleRateHz * MAX_FRAME_SECONDS) return 'too_long';
  const bytesPerSample = encoding === ENCODING_INT16 ? 2 : 4;
  const count = samplesPerChannel * channels;
  if (payload.length !== FRAME_HEADER_BYTES + count * bytesPerSample) return 'length';
  const startNanos = view.getBigUint64(16, true);
  if (startNanos >= MAX_TIME) return 'time';
  const pcm = samplesOf(payload, count, encoding);
  if (pcm instanceof Float32Array) {
    const fault = floatFault(pcm);
    if (fault) return fault;
  }
  const uncertainty = view.getUint32(24, true);
  return {
    sampleRateHz,
    channels,
    sequence: view.getUint32(12, true),
    discontinuity: (payload[7] & FLAG_DISCONTINUITY) !== 0,
    startNanos,
    ...(uncertainty !== UNKNOWN_UNCERTAINTY && { clockUncertaintySeconds: uncertainty / 1e9 }),
    samplesPerChannel,
    pcm,
  };
}

function samplesOf(payload: Uint8Array, count: number, encoding: number): Int16Array | Float32Array {
  const width = encoding === ENCODING_INT16 ? 2 : 4;
  let { buffer } = payload;
  let offset = payload.byteOffset + FRAME_HEADER_BYTES;
  // A typed array must start on a multiple of its width; one native copy is far cheaper than DataView per sample.
  if (offset % width !== 0 || !HOST_IS_LITTLE_ENDIAN) {
    const copy = Buffer.from(new Uint8Array(buffer, offset, count * width));
    if (!HOST_IS_LITTLE_ENDIAN) {
      if (width === 2) copy.swap16();
      else copy.swap32();
    }
    const aligned = new Uint8Array(copy.length);
    aligned.set(copy);
    buffer = aligned.buffer;
    offset = 0;
  }
  return width === 2 ? new Int16Array(buffer, offset, count) : new Float32Array(buffer, offset, count);
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
