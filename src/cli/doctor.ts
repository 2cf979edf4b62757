import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { loadService, parseService, type ServiceConfig } from '../config/index.js';
import { loadModel } from '../listen/index.js';
import { fail, ok, type CheckReport } from './doctor-check.js';
import { checkClock, checkDecoder, checkDisk, checkFfmpeg, checkNode } from './doctor-machine.js';
import { checkNats } from './doctor-nats.js';
import { checkStreams } from './doctor-streams.js';
import { printJson } from './output.js';

const DEFAULT_FILE = 'clameur.yaml';
const MARK = { ok: 'ok  ', warn: 'WARN', fail: 'FAIL' };

/** `clameur doctor`: what the service needs, whether it is there, and the mend where it is not. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description(
      'Checks Node, NATS, JetStream, the model, ffmpeg, the disk and the clock, each with its mend.',
    )
    .option('--config <file>', `the service’s YAML (default: ${DEFAULT_FILE} where there is one)`)
    .option('--json', 'one JSON value a line on standard output, and nothing else there')
    .addHelpText(
      'after',
      '\nExits 1 if anything fails; warnings pass.\n\nExample: clameur doctor --config clameur.yaml',
    )
    .action(doctor);
}

async function doctor(flags: { config?: string; json?: boolean }): Promise<void> {
  const reports: CheckReport[] = [];
  for await (const report of examine(flags.config)) {
    reports.push(report);
    if (flags.json) printJson(report);
    else
      process.stdout.write(`${MARK[report.verdict]}  ${report.check}: ${report.found}${mendLine(report)}\n`);
  }
  if (reports.some(({ verdict }) => verdict === 'fail')) process.exitCode = 1;
}

function mendLine({ mend }: CheckReport): string {
  return mend === undefined ? '' : `\n      mend: ${mend}`;
}

async function* examine(file: string | undefined): AsyncGenerator<CheckReport> {
  yield await checkNode();
  const { config, report } = await readConfig(file);
  yield report;
  yield* await checkNats(config.nats);
  yield await checkModel(config.model.path);
  yield await checkFfmpeg('ffmpeg', config.streams);
  yield* await checkStreams(config);
  yield await checkDecoder();
  yield* await checkDisk(config.data);
  yield await checkClock();
}

/** A configuration that cannot be read fails, and the rest is checked with the defaults. */
async function readConfig(file: string | undefined): Promise<{ config: ServiceConfig; report: CheckReport }> {
  const defaults = () => parseService('', DEFAULT_FILE, {}).config;
  try {
    const found = file ?? (existsSync(DEFAULT_FILE) ? DEFAULT_FILE : undefined);
    if (found === undefined) {
      const { config } = parseService('', DEFAULT_FILE, process.env);
      return { config, report: ok('config', 'none given; the defaults and CLAMEUR_… variables') };
    }
    const { config, unknownVariables } = await loadService(found);
    const report: CheckReport =
      unknownVariables.length === 0
        ? ok('config', found)
        : {
            check: 'config',
            verdict: 'warn',
            found: `${found}; no key is named by ${unknownVariables.join(', ')}`,
            mend: 'unset them, or mend their names',
          };
    return { config, report };
  } catch (error) {
    return { config: defaults(), report: fail('config', (error as Error).message, 'as it says') };
  }
}

async function checkModel(path: string | undefined): Promise<CheckReport> {
  try {
    const { name, version, sha256 } = await loadModel(path);
    return ok('model', `${name} ${version}, sha256 ${sha256.slice(0, 16)}… as its sidecar says`);
  } catch (error) {
    return fail('model', (error as Error).message, 'put the model and its sidecar back, or set model.path');
  }
}
