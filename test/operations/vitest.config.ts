import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** What operations get: metrics, rules, chart, image. Real tools, of which each machine has some; see tools.ts. */
export default defineConfig({
  test: {
    root: fileURLToPath(new URL('../../', import.meta.url)),
    include: ['test/operations/**/*.test.ts'],
    globalSetup: ['test/operations/tools.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
});
