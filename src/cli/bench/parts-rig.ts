import { decodeFrame, FRAME_HEADER_BYTES, mixToMono, secondsToNanos, type Nanos } from '../../audio/index.js';
import type { Pole, Site } from '../../config/index.js';
import { parseSite } from '../../config/index.js';
import type { Random } from '../../simulate/index.js';
import { cityOf, siteJson } from './city.js';
import { encodeLoop, FRAME_SECONDS } from './pole-stream.js';
import { backgroundLoop, BENCH_RATE_HZ } from './sounds.js';

/** Poles share a few loops, each from a place of its own. */
const LOOPS = 3;
const QUARTER_POLES = 4;

/** Makes many poles' frames in the order in which they would come, without anything for the garbage collector. */
export class FrameRig {
  readonly site: Site;
  readonly poles: readonly Pole[];
  /** By pole: written anew for each round, and valid until the next. */
  readonly payloads: readonly Uint8Array[];
  /** The same as sound, at 16 kHz. */
  readonly sounds: readonly Float32Array[];
  /** UTC of the round's first sample. */
  nanos: Nanos;
  readonly #loops: readonly (readonly Uint8Array[])[];
  readonly #startNanos: Nanos;
  #round = 0;

  constructor(feeds: number, random: Random, startNanos: Nanos) {
    const city = cityOf('parts', Math.ceil(feeds / QUARTER_POLES), 2, QUARTER_POLES / 2);
    this.site = parseSite(siteJson({ ...city, poles: city.poles.slice(0, feeds) }), 'the bench');
    this.poles = this.site.poles;
    this.#startNanos = this.nanos = startNanos;
    this.#loops = Array.from({ length: LOOPS }, (_, i) =>
      encodeLoop(backgroundLoop(random.fork(`loop${i}`))),
    );
    const bytes = this.#loops[0][0].length;
    // Half of a network's payloads begin at an odd address, where 16-bit samples must be copied before they are read.
    this.payloads = this.poles.map((_, i) => new Uint8Array(new ArrayBuffer(bytes + 1), i % 2, bytes));
    this.sounds = this.poles.map(() => new Float32Array(FRAME_SECONDS * BENCH_RATE_HZ));
  }

  /** The next 100 ms of every pole. */
  next(): void {
    const k = this.#round++;
    this.nanos = this.#startNanos + secondsToNanos(k * FRAME_SECONDS);
    for (let i = 0; i < this.payloads.length; i++) {
      const loop = this.#loops[i % LOOPS];
      const payload = this.payloads[i];
      payload.set(loop[(k + i * 37) % loop.length]);
      const view = new DataView(payload.buffer, payload.byteOffset, FRAME_HEADER_BYTES);
      view.setUint32(12, k, true);
      view.setBigUint64(16, this.nanos, true);
      const frame = decodeFrame(payload);
      if (typeof frame !== 'string') mixToMono(frame, this.sounds[i]);
    }
  }
}
