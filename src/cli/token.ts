import { randomBytes } from 'node:crypto';
import { appendFile, readFile } from 'node:fs/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { parseTokens, ROLES, tokenDigest, type Role } from '../server/index.js';
import { printJson } from './output.js';

const TOKEN_BYTES = 32;

interface TokenOptions {
  name: string;
  role: Role;
  file?: string;
  expires?: string;
  json?: boolean;
}

/** `clameur token`: a bearer token for the page and the REST interface; only its hash is written anywhere. */
export function tokenCommand(): Command {
  return new Command('token')
    .description('Makes an access token; prints it once, and adds its hash to the file of http.tokens.')
    .requiredOption('--name <name>', 'whose it is, as the log shows it')
    .addOption(new Option('--role <role>', 'what it may do').choices(ROLES).default('viewer'))
    .option('--file <file>', 'the file of http.tokens; without it the entry is printed too')
    .option('--expires <time>', 'RFC 3339 time after which it is not valid', rfc3339)
    .option('--json', 'one JSON value on standard output')
    .addHelpText(
      'after',
      '\nExample: clameur token --name wall-screen --role viewer --file tokens.yaml\n\nTo take a token back, delete its entry: the service sees that within seconds.',
    )
    .action(async ({ name, role, file, expires, json }: TokenOptions) => {
      const token = `clm_${randomBytes(TOKEN_BYTES).toString('base64url')}`;
      const sha256 = tokenDigest(token).toString('hex');
      const entry = `- { name: ${JSON.stringify(name)}, role: ${role}, sha256: ${sha256}${expires ? `, expires: ${JSON.stringify(expires)}` : ''} }\n`;
      parseTokens(entry, 'of this command');
      if (file !== undefined) {
        const before = await readFile(file, 'utf8').catch(() => '');
        parseTokens(before, file);
        await appendFile(file, before === '' || before.endsWith('\n') ? entry : `\n${entry}`, {
          mode: 0o600,
        });
      }
      if (json) return printJson({ token, name, role, sha256, ...(expires !== undefined && { expires }) });
      process.stdout.write(`${token}\n`);
      if (file === undefined) process.stdout.write(entry);
    });
}

function rfc3339(text: string): string {
  if (Number.isNaN(Date.parse(text)))
    throw new InvalidArgumentError('Not a time such as 2027-01-31T00:00:00Z.');
  return new Date(text).toISOString();
}
