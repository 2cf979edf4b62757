/** A stretch of decoded sound as ffmpeg gives it out. */
export interface SoundPacket {
  /** Time of the first sample on the stream's own time line, seconds. */
  mediaSeconds: number;
  sampleRateHz: number;
  channels: number;
  /** Interleaved, full scale ±1. The packet owns it. */
  samples: Float32Array;
}

interface Listed {
  pts: number;
  duration: number;
  bytes: number;
}

/** Bytes ahead of their list, or list ahead of its bytes, that no working ffmpeg leaves. */
const MAX_PENDING_BYTES = 32 * 1024 * 1024;

/**
 * Joins what ffmpeg writes to two pipes at once: 32-bit float PCM, and the list of its packets (`framecrc`: a header,
 * then `stream, dts, pts, duration, size, checksum` a packet). PCM alone would not tell where packets were lost.
 */
export class PacketReader {
  readonly #onPacket: (packet: SoundPacket) => void;
  #listed: Listed[] = [];
  #chunks: Buffer[] = [];
  #held = 0;
  #line = '';
  #rateHz = 0;
  #tickSeconds = 0;

  constructor(onPacket: (packet: SoundPacket) => void) {
    this.#onPacket = onPacket;
  }

  /** Throws where it is no such list. */
  list(text: string): void {
    const lines = (this.#line + text).split('\n');
    this.#line = lines.pop() ?? '';
    for (const line of lines) this.#read(line);
    this.#emit();
  }

  /** Takes the chunk over. */
  sound(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    if (this.#held > MAX_PENDING_BYTES) throw new Error('sound without a list of its packets');
    this.#emit();
  }

  /** Zeroes what has not been given out. */
  wipe(): void {
    for (const chunk of this.#chunks) chunk.fill(0);
    this.#chunks = [];
    this.#held = 0;
    this.#listed = [];
  }

  #read(line: string): void {
    const header = /^#(\w+) 0: (.*)$/.exec(line);
    if (header?.[1] === 'tb') {
      const [above, below] = header[2].split('/').map(Number);
      this.#tickSeconds = above / below;
    } else if (header?.[1] === 'sample_rate') {
      this.#rateHz = Number(header[2]);
    }
    if (line === '' || line.startsWith('#')) return;
    const [stream, , pts, duration, bytes] = line.split(',').map(Number);
    if (stream !== 0 || !(bytes >= 0) || !(duration > 0) || this.#rateHz === 0) {
      throw new Error(`not a list of packets: ${line.slice(0, 80)}`);
    }
    this.#listed.push({ pts, duration, bytes });
  }

  #emit(): void {
    while (this.#listed.length > 0 && this.#held >= this.#listed[0].bytes) {
      const { pts, duration, bytes } = this.#listed.shift()!;
      const samples = new Float32Array(bytes >> 2);
      this.#takeInto(new Uint8Array(samples.buffer));
      const frames = Math.round(duration * this.#tickSeconds * this.#rateHz);
      const channels = Math.round(samples.length / frames);
      if (channels < 1 || frames * channels !== samples.length) throw new Error('packets of uneven size');
      this.#onPacket({
        mediaSeconds: pts * this.#tickSeconds,
        sampleRateHz: this.#rateHz,
        channels,
        samples,
      });
    }
  }

  #takeInto(target: Uint8Array): void {
    for (let at = 0; at < target.length;) {
      const chunk = this.#chunks[0];
      const part = chunk.subarray(0, target.length - at);
      target.set(part, at);
      part.fill(0);
      at += part.length;
      if (part.length === chunk.length) this.#chunks.shift();
      else this.#chunks[0] = chunk.subarray(part.length);
    }
    this.#held -= target.length;
  }
}
