import { fileURLToPath } from 'node:url';

/** Where `npm run build` puts the console; the same from `src/` as from `dist/`. */
export const CONSOLE_FOLDER = fileURLToPath(new URL('../../dist/console/', import.meta.url));
