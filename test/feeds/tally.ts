import type { FeedCounters } from '../../src/feeds/index.js';

/** Counts as the metrics would, over all poles. */
export class Tally implements FeedCounters {
  frames = 0;
  readonly drops: Record<string, number> = {};
  readonly events: Record<string, number> = {};

  frame(): void {
    this.frames++;
  }

  frameDropped(_pole: string, reason: string): void {
    this.drops[reason] = (this.drops[reason] ?? 0) + 1;
  }

  feedEvent(_pole: string, kind: string): void {
    this.events[kind] = (this.events[kind] ?? 0) + 1;
  }
}
