import { SAMPLE_RATE_HZ } from '../audio/index.js';

/** Long enough for an onset to be told and its patch to be made. */
const RING_SECONDS = 1.5;
/** The stretch in which a direction is measured, round an onset: the direct sound, before most echoes. */
const BEFORE_SECONDS = 0.003;
const AFTER_SECONDS = 0.025;

/** The last 1.5 s of each microphone of one pole, at the feed's own rate. `wipe` zeroes it. */
export class RecentChannels {
  #rings: Float32Array[] = [];
  #rateHz = 0;
  #end = 0;
  /** Sample index at 16 kHz of the start of each block, and the channels' own. */
  #anchors: { index: number; own: number }[] = [];

  get rateHz(): number {
    return this.#rateHz;
  }

  /** `index`: of the block's first sample in the pole's running index at 16 kHz. */
  append(channels: readonly Float32Array[], rateHz: number, index: number): void {
    if (rateHz !== this.#rateHz || channels.length !== this.#rings.length) {
      this.wipe();
      this.#rateHz = rateHz;
      this.#rings = channels.map(() => new Float32Array(Math.ceil(RING_SECONDS * rateHz)));
    }
    this.#anchors.push({ index, own: this.#end });
    const length = this.#rings[0].length;
    while (this.#anchors.length > 1 && this.#anchors[1].own <= this.#end - length) this.#anchors.shift();
    channels.forEach((channel, c) => {
      const ring = this.#rings[c];
      const kept = channel.length > length ? channel.length - length : 0;
      for (let i = kept; i < channel.length; i++) ring[(this.#end + i) % length] = channel[i];
    });
    this.#end += channels[0].length;
  }

  /** Each channel round an onset (index at 16 kHz), from 3 ms before to 25 ms after; undefined where not all is there. */
  around(index: number): Float32Array[] | undefined {
    const anchor = this.#anchors.findLast((one) => one.index <= index);
    if (!anchor) return undefined;
    const onset = anchor.own + Math.round(((index - anchor.index) * this.#rateHz) / SAMPLE_RATE_HZ);
    const from = onset - Math.round(BEFORE_SECONDS * this.#rateHz);
    const to = onset + Math.round(AFTER_SECONDS * this.#rateHz);
    const length = this.#rings[0].length;
    if (from < 0 || from < this.#end - length || to > this.#end) return undefined;
    return this.#rings.map((ring) => {
      const out = new Float32Array(to - from);
      for (let i = 0; i < out.length; i++) out[i] = ring[(from + i) % length];
      return out;
    });
  }

  wipe(): void {
    for (const ring of this.#rings) ring.fill(0);
    this.#rings = [];
    this.#rateHz = 0;
    this.#end = 0;
    this.#anchors = [];
  }
}
