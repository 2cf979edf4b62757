import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import type { NatsConnection } from 'nats';
import { ClameurError, loadService, parseSite, type Site } from '../config/index.js';
import type { CloudEvent } from '../publish/index.js';
import { EventHistoryReader, IncidentIndex } from '../server/index.js';
import { silentLogger } from '../telemetry/index.js';
import { checkPlace, type PlaceReport } from './check-pole/place-check.js';
import { listen, type Heard } from './check-pole/hear.js';
import { once } from './nats-once.js';
import { printJson } from './output.js';

interface Flags {
  config: string;
  seconds: number;
  json?: boolean;
}

const MOST_HISTORY_MILLIS = 15_000;

/** `clameur check-pole`: listens to a pole, and says what is wrong with it and how to mend it. */
export function checkPoleCommand(): Command {
  return new Command('check-pole')
    .description('Listens to one live pole and says what is wrong: frames, clock, microphone, level, place.')
    .argument('<pole>', 'its name in site.geojson')
    .requiredOption('--config <file>', 'the service’s YAML: its NATS server, credentials and site')
    .option('--seconds <s>', 'how long to listen', Number, 15)
    .option('--json', 'one JSON value on standard output')
    .addHelpText(
      'after',
      '\nExits 1 where something is wrong. It needs no running service, and keeps no sound.' +
        '\n\nExample: clameur check-pole belges --config clameur.yaml',
    )
    .action(checkPole);
}

async function checkPole(name: string, flags: Flags): Promise<void> {
  const { config } = await loadService(flags.config);
  const site = parseSite(JSON.parse(await readFile(config.site, 'utf8')), config.site);
  const pole = site.poles.find((one) => one.pole === name);
  if (!pole) throw new ClameurError('POLE_UNKNOWN', { site: site.site, pole: name });
  const check = async (connection: NatsConnection): Promise<void> => {
    const heard = await listen({ connection, config, site, pole, seconds: flags.seconds });
    const place = await pastIncidents(connection, site, name);
    report(name, flags, { ...heard, ...(place && { place }) });
  };
  await once(config.nats, check, 'clameur check-pole');
}

/** Undefined where EVENTS cannot be read: a pole can be checked before there is a service. */
async function pastIncidents(
  connection: NatsConnection,
  site: Site,
  pole: string,
): Promise<PlaceReport | undefined> {
  const index = new IncidentIndex();
  const events: CloudEvent[] = [];
  index.follow((event) => events.push(event));
  const reader = new EventHistoryReader(index, site.site, silentLogger());
  try {
    reader.start(connection);
    for (const end = Date.now() + MOST_HISTORY_MILLIS; !index.complete && Date.now() < end;) await sleep(50);
    return index.complete ? checkPlace(pole, events) : undefined;
  } finally {
    reader.stop();
  }
}

function report(
  pole: string,
  { json, seconds }: Flags,
  { frames, levelDb, findings, place }: Heard & { place?: PlaceReport },
): void {
  const all = [...findings, ...(place?.finding ? [place.finding] : [])];
  if (all.length > 0) process.exitCode = 1;
  if (json)
    return printJson({
      pole,
      seconds,
      frames,
      levelDb,
      incidents: place?.incidents,
      ok: all.length === 0,
      findings: all,
    });
  const level = levelDb === undefined ? '' : `, ${levelDb.toFixed(0)} dB`;
  const past =
    place === undefined ? 'past incidents could not be read' : `${place.incidents} located incidents`;
  process.stdout.write(`${pole}: ${frames} frames in ${seconds} s${level}; ${past}\n`);
  for (const { kind, problem, mend } of all) process.stdout.write(`  ${kind}: ${problem}.\n    ${mend}.\n`);
  if (all.length === 0) process.stdout.write('  nothing is wrong with it\n');
}
