import { createRequire } from 'node:module';
import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import type { NatsConnection } from 'nats';
import { loadService, type ServiceConfig } from '../config/index.js';
import { loadModel } from '../listen/index.js';
import { impactAssessment, readOperatorRecord, transparencyPage } from '../privacy/index.js';
import { composeReport } from '../review/index.js';
import { once } from './nats-once.js';
import { noteExport } from './note-export.js';
import { printJson } from './output.js';
import { readSite } from './read-site.js';
import { Transparency } from './transparency.js';

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };
const SPAN_MILLIS = 30 * 86_400_000;

interface Flags {
  config: string;
  out?: string;
  json?: boolean;
}

export function recordCommand(): Command {
  return new Command('record')
    .description('The transparency record as the service shows it to anyone: a page, or JSON.')
    .requiredOption('--config <file>', 'the service’s YAML')
    .option('--out <file>', 'write to a file instead of standard output')
    .option('--json', 'one line of JSON instead of the page')
    .addHelpText('after', '\nExample: clameur privacy record --config clameur.yaml --out transparency.html')
    .action(async (flags: Flags) => {
      const { config } = await loadService(flags.config);
      const record = await withSource(config, (source) => source.record());
      if (flags.json && flags.out === undefined) return printJson(record);
      await put(flags.json ? `${JSON.stringify(record)}\n` : transparencyPage(record), flags.out);
    });
}

export function dpiaCommand(): Command {
  return new Command('dpia')
    .description(
      'A template for the impact assessment (Markdown), with this site’s measured figures filled in.',
    )
    .requiredOption('--config <file>', 'the service’s YAML')
    .option('--out <file>', 'write to a file instead of standard output')
    .option('--json', 'one line of JSON: { markdown, figures }')
    .addHelpText(
      'after',
      '\nIt is no assessment: what only the controller can say stays marked.\n\nExample: clameur privacy dpia --config clameur.yaml --out dpia.md',
    )
    .action(async (flags: Flags) => {
      const { config } = await loadService(flags.config);
      const site = await readSite(config.site);
      const toMillis = Date.now();
      const { record, figures } = await withSource(config, async (source) => ({
        record: await source.record(),
        figures: await source.figures(),
      }));
      const nothing = { fromMillis: toMillis - SPAN_MILLIS, toMillis, nowMillis: toMillis };
      const report = figures ?? composeReport({ site, ...nothing, events: [], verdicts: [], tallies: [] });
      await noteExport(config, { what: 'impact assessment', from: report.from, to: report.to });
      const markdown = impactAssessment(record, report, toMillis);
      if (flags.json && flags.out === undefined) return printJson({ markdown, figures: report });
      await put(flags.json ? `${JSON.stringify({ markdown, figures: report })}\n` : markdown, flags.out);
    });
}

/** The record's source with a connection of its own. */
async function withSource<T>(config: ServiceConfig, task: (source: Transparency) => Promise<T>): Promise<T> {
  const site = await readSite(config.site);
  const model = await loadModel(config.model.path);
  const { transparency: file } = config;
  const operator = file === undefined ? undefined : await readOperatorRecord(file);
  const source = { version, config, site, model, ...(operator && { operator }) };
  return once(config.nats, (nc: NatsConnection) => task(new Transparency(source, () => nc)));
}

async function put(text: string, file: string | undefined): Promise<void> {
  if (file === undefined) process.stdout.write(text);
  else await writeFile(file, text);
}
