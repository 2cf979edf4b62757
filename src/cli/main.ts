#!/usr/bin/env node
import { Command } from 'commander';
import { demoCommand } from './demo.js';
import { doctorCommand } from './doctor.js';
import { evalCommand } from './eval.js';
import { replayCommand } from './replay.js';
import { serveCommand } from './serve.js';
import { reportError } from './output.js';

const program = new Command('clameur')
  .description(
    'Hears gunshots, explosions and crowd clamour on city microphones, locates them, keeps no sound.',
  )
  .showHelpAfterError('(--help shows the options and an example)')
  .addCommand(serveCommand())
  .addCommand(replayCommand())
  .addCommand(doctorCommand())
  .addCommand(evalCommand())
  .addCommand(demoCommand());

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = reportError(error);
}
