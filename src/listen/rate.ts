/** What feeds deliver and the model takes. */
export const LISTEN_RATE_HZ = 16_000;
/** One sample, exactly. */
export const NANOS_PER_SAMPLE = 62_500n;
