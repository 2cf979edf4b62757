// `node --import ./run-typescript.mjs file.ts`: runs the sources as they are, so that a test with a process of its own
// needs no build.
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);
