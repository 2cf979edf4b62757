import {
  ENCODING_FLOAT32,
  ENCODING_INT16,
  FLAG_DISCONTINUITY,
  FRAME_HEADER_BYTES,
  FRAME_MAGIC,
  FRAME_VERSION,
  INT16_FULL_SCALE,
  MAX_CHANNELS,
  MAX_FRAME_BYTES,
  MAX_FRAME_SECONDS,
  MAX_RATE_HZ,
  MIN_RATE_HZ,
  UNKNOWN_UNCERTAINTY,
} from './frame.js';
import type { Nanos } from './time.js';

export interface FrameToSend {
  encoding: 'int16' | 'float32';
  sampleRateHz: number;
  /** u32; taken modulo 2^32. */
  sequence: number;
  discontinuity?: boolean;
  startNanos: Nanos;
  /** 1σ; absent = unknown. */
  clockUncertaintySeconds?: number;
  /** One array a channel, all of one length, full scale ±1; int16 clips and rounds. */
  channels: readonly Float32Array[];
}

/** Writes one frame of that format. Throws RangeError where a receiver would drop it. */
export function encodeFrame(frame: FrameToSend): Uint8Array {
  const { channels, sampleRateHz, encoding } = frame;
  const samples = channels[0]?.length ?? 0;
  const bytesPerSample = encoding === 'int16' ? 2 : 4;
  const size = FRAME_HEADER_BYTES + samples * channels.length * bytesPerSample;
  if (channels.length < 1 || channels.length > MAX_CHANNELS) throw new RangeError('1 to 8 channels a frame');
  if (channels.some((channel) => channel.length !== samples))
    throw new RangeError('channels differ in length');
  if (!Number.isInteger(sampleRateHz) || sampleRateHz < MIN_RATE_HZ || sampleRateHz > MAX_RATE_HZ) {
    throw new RangeError(`rate must be an integer from 8000 to 192000 Hz, not ${sampleRateHz}`);
  }
  if (samples < 1 || samples > sampleRateHz * MAX_FRAME_SECONDS)
    throw new RangeError('1 sample to 1 s a frame');
  if (size > MAX_FRAME_BYTES) throw new RangeError(`${size} bytes; a frame has at most ${MAX_FRAME_BYTES}`);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, FRAME_MAGIC, true);
  bytes[4] = FRAME_VERSION;
  bytes[5] = encoding === 'int16' ? ENCODING_INT16 : ENCODING_FLOAT32;
  bytes[6] = channels.length;
  bytes[7] = frame.discontinuity ? FLAG_DISCONTINUITY : 0;
  view.setUint32(8, sampleRateHz, true);
  view.setUint32(12, frame.sequence >>> 0, true);
  view.setBigUint64(16, frame.startNanos, true);
  view.setUint32(24, uncertaintyField(frame.clockUncertaintySeconds), true);
  view.setUint32(28, samples, true);
  let offset = FRAME_HEADER_BYTES;
  for (let i = 0; i < samples; i++) {
    for (const channel of channels) {
      if (encoding === 'int16') {
        const value = Math.round(channel[i] * INT16_FULL_SCALE);
        view.setInt16(offset, Math.max(-INT16_FULL_SCALE, Math.min(INT16_FULL_SCALE - 1, value)), true);
      } else {
        view.setFloat32(offset, channel[i], true);
      }
      offset += bytesPerSample;
    }
  }
  return bytes;
}

/** A copy of an encoded frame as of another time: what a sender of prepared sound needs to do for each frame. */
export function restampFrame(frame: Uint8Array, sequence: number, startNanos: Nanos): Uint8Array {
  const copy = frame.slice();
  const view = new DataView(copy.buffer);
  view.setUint32(12, sequence >>> 0, true);
  view.setBigUint64(16, startNanos, true);
  return copy;
}

/** Never the value that means unknown: a finite doubt of more than 4.29 s is as good as none known. */
function uncertaintyField(seconds: number | undefined): number {
  if (seconds === undefined || seconds * 1e9 >= UNKNOWN_UNCERTAINTY) return UNKNOWN_UNCERTAINTY;
  return Math.round(seconds * 1e9);
}
