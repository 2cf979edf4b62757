import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { nkeys } from 'nats';
import { ClameurError, parseSite, type Site } from '../config/index.js';
import { natsConf, passwordVariable, siteRights, type Proof, type UserRights } from '../publish/index.js';
import { printJson } from './output.js';

interface PermissionsOptions {
  site: string;
  format: 'nats-conf' | 'json';
  proof: Proof;
  keys: string;
}

/** `clameur permissions`: NATS users for a site, each with the rights that its part needs and no more. */
export function permissionsCommand(): Command {
  return new Command('permissions')
    .description('Prints the NATS users of a site and what each may do: poles, service, hub, technician.')
    .requiredOption('--site <file>', 'the site’s GeoJSON')
    .addOption(
      new Option('--format <format>', 'what is printed').choices(['nats-conf', 'json']).default('nats-conf'),
    )
    .addOption(
      new Option('--proof <proof>', 'how users prove who they are')
        .choices(['password', 'nkey', 'certificate'])
        .default('password'),
    )
    .option(
      '--keys <folder>',
      'with --proof nkey: seeds, one file a user; those that are missing are made',
      'nkeys',
    )
    .addHelpText(
      'after',
      `
Example: clameur permissions --site site.geojson > users.conf
then, in nats-server's configuration: include users.conf

password: from the server's environment, such as $${passwordVariable('hub')}.
nkey: the server holds public keys only; a user's seed file goes to that user (nats.nkey).
certificate: tls { verify_and_map: true } and certificates whose common name is the user.`,
    )
    .action(async ({ site: file, format, proof, keys }: PermissionsOptions) => {
      const site = await readSiteFile(file);
      const users = siteRights(site);
      if (format === 'json') return users.forEach((one) => printJson(one));
      const publicKeys = proof === 'nkey' ? await seeds(keys, users) : undefined;
      process.stdout.write(natsConf(site.site, users, proof, publicKeys));
    });
}

async function readSiteFile(file: string): Promise<Site> {
  try {
    return parseSite(JSON.parse(await readFile(file, 'utf8')), file);
  } catch (cause) {
    if (cause instanceof ClameurError) throw cause;
    throw new ClameurError('SITE_INVALID', { file, problem: (cause as Error).message }, { cause });
  }
}

/** Public keys by user, of the seeds in the folder; a seed never leaves it. */
async function seeds(folder: string, users: readonly UserRights[]): Promise<Map<string, string>> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const keys = new Map<string, string>();
  for (const { user } of users) {
    const file = join(folder, `${user}.nk`);
    const there = await readFile(file, 'utf8').catch(() => undefined);
    const pair = there === undefined ? nkeys.createUser() : nkeys.fromSeed(Buffer.from(there.trim()));
    if (there === undefined) await writeFile(file, Buffer.from(pair.getSeed()), { mode: 0o600 });
    keys.set(user, pair.getPublicKey());
    pair.clear();
  }
  return keys;
}
