import { secondsToNanos, type Nanos } from '../audio/index.js';
import type { Pole, SceneRecording } from '../config/index.js';
import { hasMicrophones } from './microphones.js';
import type { Recording } from './recording.js';
import type { Stretch } from './splice.js';

const BLOCKS_PER_SECOND = 10;

/** One recording cut into stretches of 100 ms, as a pole would send them. */
export class Playback {
  readonly #recording: Recording;
  readonly #source: SceneRecording;
  readonly #pieces: AsyncGenerator<Float32Array[]>;
  readonly #apart: boolean;
  #piece: Float32Array[] = [];
  #at = 0;
  #index = 0;
  #samples = 0;

  constructor(source: SceneRecording, recording: Recording, pole: Pole) {
    this.#source = source;
    this.#recording = recording;
    this.#pieces = recording.pieces();
    this.#apart = hasMicrophones(pole, recording.channelCount);
  }

  get pole(): string {
    return this.#source.pole;
  }

  /** UTC just past what was given so far, from the count of samples, so that nothing adds up. */
  get timeNanos(): Nanos {
    return (
      this.#source.startNanos +
      (BigInt(this.#samples) * 1_000_000_000n) / BigInt(this.#recording.sampleRateHz)
    );
  }

  get endNanos(): Nanos {
    return this.#source.startNanos + secondsToNanos(this.#recording.durationSeconds);
  }

  get playedSeconds(): number {
    return this.#samples / this.#recording.sampleRateHz;
  }

  get durationSeconds(): number {
    return this.#recording.durationSeconds;
  }

  /** The next 100 ms, or undefined at the end. Its arrays are new. Rejects where the file turns out damaged. */
  async next(): Promise<Stretch | undefined> {
    const rate = this.#recording.sampleRateHz;
    const to = Math.round(((this.#index + 1) * rate) / BLOCKS_PER_SECOND);
    const channels = await this.#read(to - this.#samples);
    const length = channels[0]?.length ?? 0;
    if (length === 0) return undefined;
    const { clockUncertaintySeconds } = this.#source;
    const stretch: Stretch = {
      startNanos: this.timeNanos,
      ...(clockUncertaintySeconds !== undefined && { clockUncertaintySeconds }),
      sampleRateHz: rate,
      channelCount: channels.length,
      sequence: this.#index,
      discontinuity: false,
      mono: channels.length === 1 || this.#apart ? channels[0] : average(channels),
      ...(this.#apart && { channels }),
    };
    this.#index++;
    this.#samples += length;
    return stretch;
  }

  async close(): Promise<void> {
    await this.#pieces.return(undefined);
    this.#piece = [];
  }

  /** Up to `count` samples of each channel, across the borders of the pieces. */
  async #read(count: number): Promise<Float32Array[]> {
    const parts: Float32Array[][] = [];
    for (let have = 0; have < count;) {
      if (this.#at >= (this.#piece[0]?.length ?? 0)) {
        const next = await this.#pieces.next();
        if (next.done) break;
        this.#piece = next.value;
        this.#at = 0;
        continue;
      }
      const end = Math.min(this.#piece[0].length, this.#at + count - have);
      parts.push(this.#piece.map((channel) => channel.slice(this.#at, end)));
      have += end - this.#at;
      this.#at = end;
    }
    if (parts.length < 2) return parts[0] ?? [];
    return parts[0].map((_, c) => Float32Array.from(parts.flatMap((part) => [...part[c]])));
  }
}

function average(channels: readonly Float32Array[]): Float32Array {
  const mono = new Float32Array(channels[0].length);
  for (let i = 0; i < mono.length; i++) {
    let sum = 0;
    for (const channel of channels) sum += channel[i];
    mono[i] = sum / channels.length;
  }
  return mono;
}
