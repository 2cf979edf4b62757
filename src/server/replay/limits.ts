/** What one upload may be: enough for some minutes of a whole site, and little beside the service's own memory. */
export const UPLOAD_LIMITS = {
  bytes: 100 * 1024 * 1024,
  unpackedBytes: 300 * 1024 * 1024,
  files: 200,
  /** Over all recordings of it. */
  soundSeconds: 1800,
  /** The replaying process, sound and model together. */
  memoryBytes: 2 * 1024 * 1024 * 1024,
  replaySeconds: 600,
} as const;
