import { parseArgs } from 'node:util';
import { fuzz } from './fuzz.js';
import { watchForHangs } from './watchdog.js';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '1000000' }, seed: { type: 'string' } },
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 1e9));
const runs = Number(values.runs);
if (!Number.isSafeInteger(seed) || !(runs >= 1)) {
  process.stderr.write('--seed takes a whole number, --runs one from 1\n');
  process.exit(2);
}
process.stdout.write(`seed ${seed}\n`);
const began = performance.now();
const results = await fuzz(runs, seed, {
  ...watchForHangs(),
  result: ({ target, runs: done, seconds, slowestMillis, failure }) =>
    process.stdout.write(
      `${failure ? 'FAIL' : 'ok  '}  ${target}: ${done} inputs in ${seconds.toFixed(0)} s, slowest ${slowestMillis.toFixed(1)} ms${failure ? `\n${failure}` : ''}\n`,
    ),
});
const inputs = results.reduce((sum, one) => sum + one.runs, 0);
const megabytes = Math.round(process.memoryUsage().rss / 1e6);
process.stdout.write(
  `${inputs} inputs in ${Math.round((performance.now() - began) / 1000)} s, ${megabytes} MB at the end\n`,
);
process.exit(results.some(({ failure }) => failure !== undefined) ? 1 : 0);
