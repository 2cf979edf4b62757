import type { SoundPacket } from './packets.js';

const MAGIC = 0x2e736e64;
const FLOAT32 = 6;
const SMALLEST_HEADER = 24;
const LARGEST_HEADER = 1024;

/**
 * Reads Sun's .au (big-endian; magic, header length, sound length, encoding, rate, channels) of 32-bit floats as it comes.
 * For streams whose own times mean nothing, so that sound is counted by its samples: an MP3 stream that changes its rate
 * makes ffmpeg's times run backwards.
 */
export class AuReader {
  readonly #onPacket: (packet: SoundPacket) => void;
  #rest: Buffer = Buffer.alloc(0);
  #format: { sampleRateHz: number; channels: number } | undefined;
  #framesRead = 0;

  constructor(onPacket: (packet: SoundPacket) => void) {
    this.#onPacket = onPacket;
  }

  /** Takes the chunk over. Throws where it is no such file. */
  sound(chunk: Buffer): void {
    let bytes: Buffer = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    if (!this.#format) {
      const header = readHeader(bytes);
      if (!header) return void (this.#rest = bytes);
      this.#format = header;
      bytes = bytes.subarray(header.length);
    }
    const { sampleRateHz, channels } = this.#format;
    const frames = Math.floor(bytes.length / (4 * channels));
    const whole = bytes.subarray(0, frames * 4 * channels);
    if (frames > 0) {
      const copy = Buffer.from(new ArrayBuffer(whole.length));
      whole.copy(copy);
      const samples = new Float32Array(copy.swap32().buffer);
      const mediaSeconds = this.#framesRead / sampleRateHz;
      this.#framesRead += frames;
      this.#onPacket({ mediaSeconds, sampleRateHz, channels, samples });
    }
    this.#rest = Buffer.from(bytes.subarray(whole.length));
    whole.fill(0);
  }

  /** There is none. */
  list(): void {}

  /** Zeroes what has not been given out. */
  wipe(): void {
    this.#rest.fill(0);
  }
}

function readHeader(bytes: Buffer): { length: number; sampleRateHz: number; channels: number } | undefined {
  if (bytes.length < SMALLEST_HEADER) return undefined;
  const [magic, length, , encoding, sampleRateHz, channels] = [0, 4, 8, 12, 16, 20].map((at) =>
    bytes.readUInt32BE(at),
  );
  const isAu = magic === MAGIC && length >= SMALLEST_HEADER && length <= LARGEST_HEADER;
  if (!isAu || encoding !== FLOAT32 || channels === 0)
    throw new Error('not the .au of floats that was asked for');
  return bytes.length < length ? undefined : { length, sampleRateHz, channels };
}
