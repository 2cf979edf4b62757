import type { FeedListener, SoundBlock } from '../../src/feeds/index.js';

/** Writes down what a feed does, in order; keeps copies of its sound. */
export class Listening implements FeedListener {
  readonly told: string[] = [];
  readonly blocks: { pole: string; block: SoundBlock }[] = [];

  onBlock(pole: string, block: SoundBlock): void {
    this.blocks.push({ pole, block: { ...block, samples: block.samples.slice() } });
  }

  onState(pole: string, state: string, reason?: string): void {
    this.told.push(`${pole} ${state}${reason === undefined ? '' : `: ${reason}`}`);
  }

  onEnd(pole: string): void {
    this.told.push(`${pole} ended`);
  }

  of(pole: string): SoundBlock[] {
    return this.blocks.filter((one) => one.pole === pole).map(({ block }) => block);
  }

  samplesOf(pole: string): Float32Array {
    return Float32Array.from(this.of(pole).flatMap(({ samples }) => [...samples]));
  }
}
