import { parseArgs } from 'node:util';
import { fuzz } from './fuzz.js';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '1000000' }, seed: { type: 'string' } },
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 1e9));
process.stdout.write(`seed ${seed}\n`);
const began = performance.now();
const results = await fuzz(Number(values.runs), seed, ({ target, runs, slowestMillis, failure }) =>
  process.stdout.write(
    `${failure ? 'FAIL' : 'ok  '}  ${target}: ${runs} inputs, slowest ${slowestMillis.toFixed(1)} ms${failure ? `\n${failure}` : ''}\n`,
  ),
);
const inputs = results.reduce((sum, { runs }) => sum + runs, 0);
const megabytes = Math.round(process.memoryUsage().rss / 1e6);
process.stdout.write(
  `${inputs} inputs in ${Math.round((performance.now() - began) / 1000)} s, ${megabytes} MB at the end\n`,
);
process.exit(results.some(({ failure }) => failure !== undefined) ? 1 : 0);
