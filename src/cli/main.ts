#!/usr/bin/env node
import { createRequire } from 'node:module';
import { Command } from 'commander';
import { auditCommand } from './audit.js';
import { benchCommand } from './bench.js';
import { checkPoleCommand } from './check-pole.js';
import { demoCommand } from './demo.js';
import { doctorCommand } from './doctor.js';
import { evalCommand } from './eval.js';
import { exerciseCommand } from './exercise.js';
import { permissionsCommand } from './permissions.js';
import { privacyCommand } from './privacy.js';
import { replayCommand } from './replay.js';
import { feedCommand } from './feed.js';
import { reportCommand } from './report.js';
import { serveCommand } from './serve.js';
import { sitesCommand } from './sites.js';
import { simulateCommand } from './simulate.js';
import { tokenCommand } from './token.js';
import { reportError } from './output.js';

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

const program = new Command('clameur')
  .description(
    'Hears gunshots, explosions and crowd clamour on city microphones, locates them, keeps no sound.',
  )
  .version(version)
  .showHelpAfterError('(--help shows the options and an example)')
  .addCommand(serveCommand())
  .addCommand(replayCommand())
  .addCommand(doctorCommand())
  .addCommand(evalCommand())
  .addCommand(benchCommand())
  .addCommand(sitesCommand())
  .addCommand(exerciseCommand())
  .addCommand(checkPoleCommand())
  .addCommand(reportCommand())
  .addCommand(auditCommand())
  .addCommand(privacyCommand())
  .addCommand(feedCommand())
  .addCommand(simulateCommand())
  .addCommand(tokenCommand())
  .addCommand(permissionsCommand())
  .addCommand(demoCommand());

try {
  await program.parseAsync();
} catch (error) {
  // Threads and timers of what had begun would keep the process; pipes are written at once, so nothing is cut.
  process.exit(reportError(error));
}
