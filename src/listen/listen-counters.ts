/** What listening counts. Every method may be missing; the service's metrics fit as they are. */
export interface ListenCounters {
  /** Patches scored, by kind: `routine`, `onset`. */
  patches?(kind: string, count?: number): void;
  /** Onsets picked at a pole. */
  onset?(pole: string): void;
  /** Patches that wait for the classifier. */
  queueDepth?(queue: string, depth: number): void;
  /** Patches that were never scored, the classifier being too slow or gone. */
  queueDropped?(queue: string, count?: number): void;
  /** Wall time from the arrival of a patch's last sample to its scores: stage `classify`. */
  stage?(stage: string, seconds: number): void;
}
