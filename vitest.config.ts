import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // These need tools that not every machine has, or their time: npm run test:console, test:operations, test:streams, test:faults.
    exclude: ['test/console/**', 'test/operations/**', 'test/streams/**', 'test/faults/**'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Two cores are common; more workers than that only make real servers slow.
    maxWorkers: 2,
  },
});
