/**
 * Holds the raw channels of a multi-microphone pole back by as much as the resampler holds its mono sound, so that a
 * block's channels cover the same span of time as its samples (to one raw sample).
 */
export class ChannelDelay {
  #held: Float32Array[];
  /** Index since the last break of the first sample held. */
  #from = 0;

  constructor(channelCount: number) {
    this.#held = Array.from({ length: channelCount }, () => new Float32Array(0));
  }

  append(channels: readonly Float32Array[]): void {
    this.#held = this.#held.map((held, c) => {
      const joined = new Float32Array(held.length + channels[c].length);
      joined.set(held);
      joined.set(channels[c], held.length);
      return joined;
    });
  }

  /** Everything held up to index `to` since the last break. The caller's to keep. */
  take(to: number): Float32Array[] {
    const count = to - this.#from;
    const taken = this.#held.map((held) => held.slice(0, count));
    this.#held = this.#held.map((held) => held.subarray(count));
    this.#from = to;
    return taken;
  }

  wipe(): void {
    for (const held of this.#held) held.fill(0);
  }
}
