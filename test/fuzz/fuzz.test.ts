import { expect, test } from 'vitest';
import { fuzz } from './fuzz.js';

const SEED = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9));

test(`whatever bytes or text come, nothing crashes, hangs, grows or is taken wrongly (seed ${SEED}; more: npm run fuzz)`, async () => {
  const nobody = { target: () => undefined, input: () => undefined, result: () => undefined };
  const results = await fuzz(10_000, SEED, nobody);
  expect(results.filter(({ failure }) => failure !== undefined)).toEqual([]);
}, 300_000);
