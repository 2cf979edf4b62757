/** What became of an event; `unsafe`: the disk refused it, it is held in memory only. */
export type OutboxOutcome =
  'published' | 'retried' | 'superseded' | 'refused' | 'unchanged' | 'quarantined' | 'unsafe';

/** What the outbox and the publisher count; `Metrics` is one. */
export interface PublishCounters {
  event(eventClass: string, outcome: OutboxOutcome): void;
  /** From the arrival that decided to the acknowledgement of the event that tells it. */
  latency(eventClass: string, seconds: number): void;
  /** Stage `publish`: from the event on disk to its acknowledgement, waits for NATS included. */
  stage?(stage: string, seconds: number): void;
  outbox(depth: number, oldestAgeSeconds: number): void;
  outboxState(state: string): void;
  streamProblem(stream: string): void;
}

/** What reviewing counts; `Metrics` is one. */
export interface ReviewCounters {
  /** A verdict was recorded. */
  verdict(eventClass: string, verdict: 'confirmed' | 'dismissed' | 'unsure'): void;
  /** Confirmed of confirmed and dismissed incidents, 0 to 1, over the span that reports use; undefined: none yet. */
  precision(eventClass: string, ratio: number | undefined): void;
  /** The same with its 95 % interval, by class, nearest pole, hour or zone; in place of what was told of that before. */
  precisionBy(
    dimension: 'class' | 'pole' | 'hour' | 'zone',
    groups: ReadonlyArray<{ key: string; value: number; low: number; high: number }>,
  ): void;
}

/** For replay and tests, where nobody scrapes. */
export const noPublishCounters: PublishCounters = {
  event() {},
  latency() {},
  stage() {},
  outbox() {},
  outboxState() {},
  streamProblem() {},
};
