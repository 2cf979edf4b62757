import { encodeFrame, INT16_FULL_SCALE, secondsToNanos, type Nanos } from '../../audio/index.js';
import type { Piece, SoundSource } from './soak-sounds.js';
import { FRAME_SECONDS } from './pole-stream.js';
import { BENCH_RATE_HZ } from './sounds.js';

const FRAME_SAMPLES = FRAME_SECONDS * BENCH_RATE_HZ;
/** How long it is remembered what sounded when. */
const LEDGER_SECONDS = 120;

interface Playing {
  piece: Piece;
  at: number;
  pause: number;
}

interface Layer {
  source: SoundSource;
  playing?: Playing;
  upcoming?: Piece;
  waiting?: Promise<void>;
}

/** One pole's sound: a floor of noise, and layers of pieces that follow one another. */
export class SoakFeed {
  readonly #floor: Int16Array;
  readonly #layers: Layer[];
  readonly #startNanos: Nanos;
  readonly #ledger: { label: string; fromSeconds: number; toSeconds: number }[] = [];
  #samples = 0;

  constructor(floor: Int16Array, sources: readonly SoundSource[], startNanos: Nanos) {
    this.#floor = floor;
    this.#layers = sources.map((source) => ({ source }));
    this.#startNanos = startNanos;
  }

  /** Waits until what comes next is there: a frame asked for without it has a pause in place of it. */
  async ready(): Promise<void> {
    for (const layer of this.#layers) {
      if (layer.upcoming) continue;
      layer.waiting ??= layer.source.next().then((piece) => {
        layer.upcoming = piece;
        delete layer.waiting;
      });
      await layer.waiting;
    }
  }

  /** The payload of the next frame, the `k`-th. */
  frame(k: number): Uint8Array {
    const sound = new Float32Array(FRAME_SAMPLES);
    for (let i = 0; i < FRAME_SAMPLES; i++)
      sound[i] = this.#floor[(this.#samples + i) % this.#floor.length] / INT16_FULL_SCALE;
    for (const layer of this.#layers) this.#play(layer, sound);
    this.#samples += FRAME_SAMPLES;
    return encodeFrame({
      encoding: 'int16',
      sampleRateHz: BENCH_RATE_HZ,
      sequence: k,
      startNanos: this.#startNanos + secondsToNanos(k * FRAME_SECONDS),
      clockUncertaintySeconds: 0.0005,
      channels: [sound],
    });
  }

  /** What sounded within so many seconds of a moment, seconds since the first sample. */
  soundsAt(seconds: number, within = 1): string[] {
    return this.#ledger
      .filter(
        ({ fromSeconds, toSeconds }) => seconds >= fromSeconds - within && seconds <= toSeconds + within,
      )
      .map(({ label, fromSeconds }) => `${label} @${(seconds - fromSeconds).toFixed(2)}`);
  }

  #play(layer: Layer, sound: Float32Array): void {
    for (let at = 0; at < sound.length;) {
      if (!layer.playing) {
        const piece = layer.upcoming;
        if (!piece) return;
        delete layer.upcoming;
        void this.ready();
        layer.playing = {
          piece,
          at: piece.fromSample,
          pause: Math.round(piece.pauseSeconds * BENCH_RATE_HZ),
        };
        this.#note(piece, (this.#samples + at) / BENCH_RATE_HZ + piece.pauseSeconds);
      }
      const { playing } = layer;
      const { samples, gain, fromSample, fadeSeconds } = playing.piece;
      const fade = fadeSeconds * BENCH_RATE_HZ;
      const paused = Math.min(playing.pause, sound.length - at);
      playing.pause -= paused;
      at += paused;
      const end = Math.min(sound.length - at, samples.length - playing.at);
      for (let i = 0; i < end; i++, at++, playing.at++) {
        const edge = Math.min(playing.at - fromSample, samples.length - playing.at, fade) / fade;
        sound[at] += samples[playing.at] * gain * edge;
      }
      if (playing.at >= samples.length) delete layer.playing;
    }
  }

  #note({ label, samples, fromSample }: Piece, fromSeconds: number): void {
    const toSeconds = fromSeconds + (samples.length - fromSample) / BENCH_RATE_HZ;
    this.#ledger.push({ label, fromSeconds, toSeconds });
    while (this.#ledger[0].toSeconds < fromSeconds - LEDGER_SECONDS) this.#ledger.shift();
  }
}
