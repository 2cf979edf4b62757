import { readFile, writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { ClameurError, loadService, type ServiceConfig } from '../config/index.js';
import {
  auditKeyFile,
  publicKeyOf,
  readAuditHead,
  readAuditKey,
  readAuditLines,
  verifyAudit,
  type AuditHead,
  type AuditVerdict,
} from '../privacy/index.js';
import { noteExport } from './note-export.js';
import { once } from './nats-once.js';
import { printJson } from './output.js';
import { readSite } from './read-site.js';

const DAY_MILLIS = 86_400_000;

/** `clameur audit`: the audit log, checked and taken out. */
export function auditCommand(): Command {
  const verify = new Command('verify')
    .description('Finds any change, gap or reordering of the audit log; exits 1 where there is one.')
    .option('--config <file>', 'the service’s YAML: its NATS server, site, data folder and keys')
    .option('--file <file>', 'an exported log instead of the stream')
    .option('--key <base64...>', 'public keys that may sign, besides those of the configuration')
    .option('--head <n:sha256>', 'the last record that you know of; with --config the service’s own')
    .option('--json', 'one line of JSON on standard output')
    .addHelpText(
      'after',
      '\nA log whose end was cut off looks whole, unless somebody knows how far it went: --head, which each check' +
        ' prints for the next.\n\nExample: clameur audit verify --config clameur.yaml',
    )
    .action(verifyLog);
  const take = new Command('export')
    .description('Writes the audit log, one record a line, to a file or standard output.')
    .requiredOption('--config <file>', 'the service’s YAML')
    .option('--out <file>', 'write to a file instead of standard output')
    .option('--json', 'the records are JSON lines with or without it')
    .addHelpText('after', '\nExample: clameur audit export --config clameur.yaml --out audit.jsonl')
    .action(exportLog);
  return new Command('audit')
    .description(
      'The audit log: starts, stops, changes, verdicts, exports, exercises, denials; chained and signed.',
    )
    .addCommand(verify)
    .addCommand(take)
    .addHelpText('after', '\nExample: clameur audit verify --config clameur.yaml');
}

interface VerifyFlags {
  config?: string;
  file?: string;
  key?: string[];
  head?: string;
  json?: boolean;
}

async function verifyLog(flags: VerifyFlags): Promise<void> {
  const config = flags.config === undefined ? undefined : (await loadService(flags.config)).config;
  const lines = await readLines(flags.file, config);
  const trustedKeys = [...(flags.key ?? []), ...(config ? await keysOf(config) : [])];
  const head =
    flags.head === undefined ? config && (await readAuditHead(config.data)) : parseHead(flags.head);
  // A file may have been exported before the service's last record.
  const known = flags.file === undefined || flags.head !== undefined ? head : undefined;
  const verdict = verifyAudit(lines, {
    trustedKeys,
    ...(known && { head: known }),
    keptMillis: (config?.retention.auditDays ?? 365) * DAY_MILLIS,
    nowMillis: Date.now(),
  });
  if (flags.json) printJson({ ...verdict, endChecked: known !== undefined });
  else process.stdout.write(inWords(verdict, trustedKeys, known !== undefined));
  if (!verdict.ok) process.exitCode = 1;
}

async function readLines(file: string | undefined, config: ServiceConfig | undefined): Promise<string[]> {
  if (file !== undefined) {
    const text = await readFile(file, 'utf8').catch((cause: Error) => {
      const mend = 'Give the file that clameur audit export wrote';
      throw new ClameurError('AUDIT_UNREADABLE', { source: file, problem: cause.message, mend }, { cause });
    });
    return text.split('\n').filter((line) => line !== '');
  }
  if (!config) {
    const values = { source: '', problem: 'neither --config nor --file says where it is', mend: 'Give one' };
    throw new ClameurError('AUDIT_UNREADABLE', values);
  }
  const { site } = await readSite(config.site);
  return once(config.nats, (nc) =>
    readAuditLines(nc, site).catch((cause: Error) => {
      const mend = 'Start the service once, which makes the stream; or see clameur doctor';
      throw new ClameurError(
        'AUDIT_UNREADABLE',
        { source: `audit.${site}`, problem: cause.message, mend },
        { cause },
      );
    }),
  );
}

/** Those that the configuration trusts, and the service's own where this machine has it. */
async function keysOf({ audit, data }: ServiceConfig): Promise<string[]> {
  const own = await readAuditKey(auditKeyFile(data, audit.key)).catch(() => undefined);
  return [...audit.trustedKeys, ...(own ? [publicKeyOf(own)] : [])];
}

function parseHead(text: string): AuditHead {
  const match = /^(\d+):([0-9a-f]{64})$/.exec(text);
  if (match) return { n: Number(match[1]), hash: match[2] };
  throw new ClameurError('AUDIT_UNREADABLE', {
    source: '',
    problem: `--head ${text} is not a number, a colon and 64 hexadecimal digits`,
    mend: 'Take it from an earlier check',
  });
}

function inWords(
  { ok, records, from, to, last, keys, faults }: AuditVerdict,
  trusted: readonly string[],
  endChecked: boolean,
): string {
  const span = from === undefined ? '' : `, ${from} to ${to}`;
  const lines = [
    `${ok ? 'whole' : 'NOT WHOLE'}: ${records} records${span}`,
    ...faults.map(
      ({ line, n, fault, text }) =>
        `line ${line}${n === undefined ? '' : `, record ${n}`}: ${fault}: ${text}`,
    ),
    ...keys.map(
      (key) => `signed by ${key}${trusted.includes(key) ? '' : ' (not trusted: --key, audit.trustedKeys)'}`,
    ),
    ...(endChecked ? [] : ['whether records are missing at its end was not looked at: give --head']),
    ...(last ? [`--head ${last.n}:${last.hash}`] : []),
  ];
  return `${lines.join('\n')}\n`;
}

async function exportLog(flags: { config: string; out?: string }): Promise<void> {
  const { config } = await loadService(flags.config);
  await noteExport(config, { what: 'audit log' });
  const text = (await readLines(undefined, config)).map((line) => `${line}\n`).join('');
  if (flags.out === undefined) process.stdout.write(text);
  else await writeFile(flags.out, text);
}
