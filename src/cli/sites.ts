import { Command } from 'commander';
import type { NatsConnection } from 'nats';
import { ClaimBucket, type ProcessLease } from '../claims/index.js';
import { loadService } from '../config/index.js';
import { once } from './nats-once.js';
import { printJson } from './output.js';
import { tableOf } from './table.js';

/** Poles named in a line of the table; `--json` has all. */
const SHOWN_POLES = 6;

/** `clameur sites`: the processes that live, site by site: who hears which pole, who locates. */
export function sitesCommand(): Command {
  return new Command('sites')
    .description('Shows the running processes of every site on this NATS: who hears what, who locates.')
    .option('--config <file>', 'the service’s YAML, for its NATS servers and credentials', 'clameur.yaml')
    .option('--json', 'one line of JSON a process on standard output, and nothing else there')
    .addHelpText('after', '\nExample: clameur sites --config clameur.yaml')
    .action(async ({ config: file, json }: { config: string; json?: boolean }) => {
      const { config } = await loadService(file);
      const leases = await once(config.nats, readLeases);
      if (json) for (const lease of leases) printJson(lease);
      else process.stdout.write(`${describe(leases)}\n`);
    });
}

/** Keys run out by themselves: what is there was renewed within the last 3 s. */
async function readLeases(nc: NatsConnection): Promise<ProcessLease[]> {
  const entries = await new ClaimBucket(nc).list<ProcessLease>('process.*.*');
  return entries
    .map(({ value }) => value)
    .sort((a, b) => a.site.localeCompare(b.site) || a.process.localeCompare(b.process));
}

function describe(leases: readonly ProcessLease[]): string {
  if (leases.length === 0) return 'no process of any site runs on this NATS';
  return tableOf(
    leases.map(({ site, process: name, role, host, claim, poles, leaving }) => [
      site,
      name,
      host,
      role === 'both' ? 'listen, locate' : role,
      leaving ? `${claim ?? ''} (leaving)`.trim() : (claim ?? ''),
      role === 'locate' ? '' : `${poles.length}: ${shown(poles)}`,
    ]),
    { head: ['site', 'process', 'host', 'role', 'claim', 'poles'] },
  );
}

function shown(poles: readonly string[]): string {
  const names = [...poles].sort();
  const rest = names.length - SHOWN_POLES;
  return rest > 0 ? `${names.slice(0, SHOWN_POLES).join(' ')} and ${rest} more` : names.join(' ');
}
