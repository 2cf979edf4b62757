import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Streams from real servers; which this machine has, and what is skipped without them: servers.ts. */
export default defineConfig({
  test: {
    root: fileURLToPath(new URL('../../', import.meta.url)),
    include: ['test/streams/**/*.test.ts'],
    globalSetup: ['test/streams/setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 1,
  },
});
