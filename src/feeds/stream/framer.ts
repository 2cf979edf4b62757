import { encodeFrame, type Nanos } from '../../audio/index.js';
import type { SoundPacket } from './packets.js';

const FRAME_SECONDS = 0.1;
/** Codecs round their times; a packet lost is longer than this. */
const JOIN_SECONDS = 0.002;

export interface FrameTime {
  startNanos: Nanos;
  clockUncertaintySeconds?: number;
}

/** Gathers a stream's packets into frames of the format that poles send, so that from there on a stream is a pole. */
export class Framer {
  #rateHz = 0;
  #channels: Float32Array[] = [];
  #filled = 0;
  #startMediaSeconds = 0;
  #endMediaSeconds: number | undefined;
  #sequence = 0;
  #discontinuity = true;
  #skipped = 0;

  /**
   * The frames that this packet completes. `timeOf`: UTC of a moment on the stream's time line. Sound between packets
   * that is missing is told as a frame missing.
   */
  add(packet: SoundPacket, timeOf: (mediaSeconds: number) => FrameTime | undefined): Uint8Array[] {
    const frames: Uint8Array[] = [];
    const { mediaSeconds, sampleRateHz, channels, samples } = packet;
    const count = samples.length / channels;
    const other = sampleRateHz !== this.#rateHz || channels !== this.#channels.length;
    const joins =
      this.#endMediaSeconds !== undefined && Math.abs(mediaSeconds - this.#endMediaSeconds) <= JOIN_SECONDS;
    if (other || !joins) this.#flush(frames, timeOf);
    if (other) this.#reset(sampleRateHz, channels);
    if (!joins && this.#endMediaSeconds !== undefined) this.#skipped = 1;
    for (let at = 0; at < count;) {
      if (this.#filled === 0) this.#startMediaSeconds = mediaSeconds + at / sampleRateHz;
      const part = Math.min(count - at, this.#channels[0].length - this.#filled);
      for (let c = 0; c < channels; c++) {
        const channel = this.#channels[c];
        for (let i = 0; i < part; i++) channel[this.#filled + i] = samples[(at + i) * channels + c];
      }
      this.#filled += part;
      at += part;
      if (this.#filled === this.#channels[0].length) this.#flush(frames, timeOf);
    }
    this.#endMediaSeconds = mediaSeconds + count / sampleRateHz;
    return frames;
  }

  /** What comes next does not follow what came: another connection, another clock. */
  breakHere(): void {
    this.#discontinuity = true;
  }

  /** Forgets and zeroes what is held, before another time line begins. */
  wipe(): void {
    for (const channel of this.#channels) channel.fill(0);
    this.#filled = 0;
    this.#endMediaSeconds = undefined;
    this.#discontinuity = true;
  }

  #reset(rateHz: number, channels: number): void {
    for (const channel of this.#channels) channel.fill(0);
    this.#rateHz = rateHz;
    const length = Math.max(1, Math.round(rateHz * FRAME_SECONDS));
    this.#channels = Array.from({ length: channels }, () => new Float32Array(length));
    this.#discontinuity = true;
  }

  #flush(frames: Uint8Array[], timeOf: (mediaSeconds: number) => FrameTime | undefined): void {
    if (this.#filled === 0) return;
    const time = timeOf(this.#startMediaSeconds);
    if (time) {
      this.#sequence = (this.#sequence + 1 + this.#skipped) >>> 0;
      frames.push(
        encodeFrame({
          encoding: 'float32',
          sampleRateHz: this.#rateHz,
          sequence: this.#sequence,
          discontinuity: this.#discontinuity,
          ...time,
          channels: this.#channels.map((channel) => channel.subarray(0, this.#filled)),
        }),
      );
      this.#skipped = 0;
      this.#discontinuity = false;
    }
    this.#filled = 0;
  }
}
