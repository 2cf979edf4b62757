import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Processes that die while a city shoots: minutes of real time, so a suite of its own. */
export default defineConfig({
  test: {
    root: fileURLToPath(new URL('../../', import.meta.url)),
    include: ['test/faults/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 900_000,
    hookTimeout: 300_000,
    maxWorkers: 1,
    // Campaigns at a time: most of a round is waiting.
    maxConcurrency: 3,
  },
});
