#!/usr/bin/env node
import { Command } from 'commander';
import { replayCommand } from './replay.js';
import { reportError } from './output.js';

const program = new Command('clameur')
  .description('Hears gunshots, explosions and crowd clamour on city microphones, locates them, keeps no sound.')
  .showHelpAfterError('(--help shows the options and an example)')
  .addCommand(replayCommand());

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = reportError(error);
}
