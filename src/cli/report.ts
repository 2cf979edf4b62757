import { writeFile } from 'node:fs/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { loadService } from '../config/index.js';
import { percent, readReport, reportCsv, reportHtml, type Report } from '../review/index.js';
import { noteExport } from './note-export.js';
import { once } from './nats-once.js';
import { printJson } from './output.js';
import { readSite } from './read-site.js';
import { tableOf } from './table.js';

const DAY_MILLIS = 86_400_000;
/** As long as EVENTS keeps alerts without a verdict. */
const DEFAULT_DAYS = 10;

type Format = 'text' | 'html' | 'csv' | 'json';

/** `clameur report`: alerts, verdicts and measured precision of a span of time. */
export function reportCommand(): Command {
  return new Command('report')
    .description(
      'Alerts, verdicts, precision with intervals, false alarms a pole-day, latency and uptime, by class, pole, hour and zone.',
    )
    .requiredOption('--config <file>', 'the service’s YAML: its NATS server, credentials and site')
    .option('--from <time>', `RFC 3339 time or date (default: ${DEFAULT_DAYS} days before --to)`, time)
    .option('--to <time>', 'RFC 3339 time or date (default: now)', time)
    .addOption(new Option('--format <format>', 'how to write it').choices(['text', 'html', 'csv', 'json']))
    .option('--out <file>', 'write to a file instead of standard output')
    .option('--json', 'the same as --format json')
    .addHelpText(
      'after',
      '\nAlerts without a verdict are counted by themselves, never as false. Suggested thresholds are applied by nobody' +
        ' but you (listen.poleThresholds).\n\nExample: clameur report --config clameur.yaml --from 2026-05-01 --format html --out may.html',
    )
    .action(report);
}

interface Flags {
  config: string;
  from?: number;
  to?: number;
  format?: Format;
  out?: string;
  json?: boolean;
}

async function report(flags: Flags): Promise<void> {
  const { config } = await loadService(flags.config);
  const site = await readSite(config.site);
  const { unconfirmedDays } = config.retention;
  const toMillis = flags.to ?? Date.now();
  const fromMillis = flags.from ?? toMillis - DEFAULT_DAYS * DAY_MILLIS;
  const found = await once(config.nats, (nc) =>
    readReport(nc, site, { fromMillis, toMillis, unconfirmedDays }),
  );
  await noteExport(config, { what: 'report', from: found.from, to: found.to });
  const format = flags.json ? 'json' : (flags.format ?? 'text');
  if (format === 'json' && flags.out === undefined) return printJson(found);
  const text = {
    text: () => reportText(found),
    html: () => reportHtml(found),
    csv: () => reportCsv(found),
    json: () => `${JSON.stringify(found)}\n`,
  }[format]();
  if (flags.out === undefined) process.stdout.write(text);
  else await writeFile(flags.out, text);
}

/** The same for a terminal, without the tables of poles and hours. */
function reportText(found: Report): string {
  const { total, exposure, falseAlarmsPerPoleDay: falseAlarms, completeSince } = found;
  const head = ['', 'alerts', 'confirmed', 'dismissed', 'unsure', 'no verdict', 'precision, 95 %'];
  const rows = [{ key: 'all', ...total }, ...found.classes, ...found.zones].map((group) => [
    group.key,
    group.alerts,
    group.confirmed,
    group.dismissed,
    group.unsure,
    group.unconfirmed,
    percent(group.precision),
  ]);
  const perPoleDay = falseAlarms
    ? `${falseAlarms.value.toPrecision(2)} a pole-day (${falseAlarms.low.toPrecision(2)} to ${falseAlarms.high.toPrecision(2)})`
    : 'not known a pole-day: no sound was counted';
  const gone = completeSince ? `before ${completeSince} only alerts with a verdict are known\n` : '';
  return (
    `${found.site}, ${found.from} to ${found.to}\n${gone}${tableOf(rows, { head })}\n` +
    `false alarms: ${perPoleDay}; sound: ${exposure.poleDays.toFixed(1)} pole-days, ${(exposure.uptime * 100).toFixed(1)} % of the span\n` +
    found.suggestions
      .map(
        ({ pole, class: name, on, avoids, dismissed }) =>
          `suggested: listen.poleThresholds.${pole}.${name}.on: ${on} (spares ${avoids} of ${dismissed} dismissed)\n`,
      )
      .join('')
  );
}

function time(text: string): number {
  const millis = /^\d{4}-\d\d-\d\d(T.*)?$/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(millis))
    throw new InvalidArgumentError(`not a time such as 2026-05-01 or 2026-05-01T22:00:00Z: ${text}`);
  return millis;
}
