/** Rate at which every source is synthesised and carried through the air, Hz. */
export const SOURCE_RATE_HZ = 48_000;

/** A sound as it leaves its place. */
export interface SourceSound {
  /** Sound pressure in pascal at 1 m in the free field, mono, at `SOURCE_RATE_HZ`. Owned by the caller. */
  samples: Float32Array;
  /** Seconds from the first sample to each blast's front, in order; empty for sounds that last. */
  onsetsSeconds: readonly number[];
}

export function samplesOf(seconds: number): number {
  return Math.round(seconds * SOURCE_RATE_HZ);
}

export function silence(seconds: number): Float32Array {
  return new Float32Array(samplesOf(seconds));
}
