/** What feeds count; `Metrics` of the telemetry room is one. */
export interface FeedCounters {
  /** A frame was taken in. */
  frame(pole: string, seconds: number, clockUncertaintySeconds?: number): void;
  /** A frame was dropped: see FrameFault, and DropReason in continuity.ts and nats.ts. */
  frameDropped(pole: string, reason: string): void;
  /** Sound was not continuous: see Disturbance in continuity.ts. */
  feedEvent(pole: string, kind: string): void;
}

export const noFeedCounters: FeedCounters = {
  frame() {},
  frameDropped() {},
  feedEvent() {},
};
