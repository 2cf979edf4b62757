import { Command, InvalidArgumentError } from 'commander';
import { benchLatency } from './bench/latency.js';

const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** `clameur bench`: what the service does under a known load, against the bars it must meet. */
export function benchCommand(): Command {
  return new Command('bench')
    .description(
      'Measures the real service over a real NATS: load, latency, soak. Exits 1 where a bar is missed.',
    )
    .option('--latency', 'from sound to event, over simulated incidents in a city of 48 poles')
    .option('--incidents <n>', 'with --latency: how many', positive, 1000)
    .option('--seed <text>', 'another seed, another run', 'clameur')
    .option('--json', 'one JSON value a line on standard output; the last line holds the totals')
    .addHelpText('after', '\nExample: clameur bench --latency --incidents 1000')
    .action(bench);
}

interface Flags {
  latency?: boolean;
  incidents: number;
  seed: string;
  json?: boolean;
}

async function bench(flags: Flags): Promise<void> {
  const common = { seed: flags.seed, json: flags.json ?? false, say };
  const met = await benchLatency({ ...common, incidents: flags.incidents });
  if (!met) process.exitCode = 1;
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('a number above 0, please');
  return value;
}
