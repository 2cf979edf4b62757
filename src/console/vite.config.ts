import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The page with hashed assets; with `--mode report`, one script and one style that a report file takes into itself. */
export default defineConfig(({ mode }) => ({
  root: here('./'),
  base: '/',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build:
    mode === 'report'
      ? {
          outDir: here('../../dist/console/report'),
          emptyOutDir: true,
          cssCodeSplit: false,
          rolldownOptions: {
            input: here('./report.tsx'),
            output: { format: 'iife', entryFileNames: 'report.js', assetFileNames: 'report[extname]' },
          },
        }
      : {
          outDir: here('../../dist/console'),
          emptyOutDir: true,
          assetsInlineLimit: 0,
          modulePreload: { polyfill: false },
        },
}));
