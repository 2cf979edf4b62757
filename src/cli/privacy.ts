import { Command } from 'commander';
import { ClameurError, loadService } from '../config/index.js';
import { setKillSwitch } from '../privacy/index.js';
import { printJson } from './output.js';
import { dpiaCommand, recordCommand } from './privacy-record.js';
import { verifyCommand } from './privacy/command.js';

/** `clameur privacy`: what a data protection officer asks the service for. */
export function privacyCommand(): Command {
  return new Command('privacy')
    .description(
      'The check that no sound is kept, the kill switch, the transparency record and the impact assessment.',
    )
    .addCommand(recordCommand())
    .addCommand(dpiaCommand())
    .addCommand(verifyCommand())
    .addCommand(switchCommand())
    .addHelpText('after', '\nExample: clameur privacy switch off --config clameur.yaml');
}

function switchCommand(): Command {
  return new Command('switch')
    .description('Turns the kill switch: off, and within two seconds nothing is heard nor told.')
    .argument('<on|off>', 'on: the service may listen')
    .requiredOption('--config <file>', 'the service’s YAML; its killSwitch names the file')
    .option('--json', 'one line of JSON on standard output')
    .addHelpText('after', '\nExample: clameur privacy switch off --config clameur.yaml')
    .action(async (word: string, flags: { config: string; json?: boolean }) => {
      const { config } = await loadService(flags.config);
      const { killSwitch: file } = config;
      if (word !== 'on' && word !== 'off')
        throw new ClameurError('SWITCH_FAILED', { file, problem: `"${word}" is neither on nor off` });
      if (file === undefined) {
        const problem = 'the configuration names none (killSwitch)';
        throw new ClameurError('SWITCH_FAILED', { file: flags.config, problem });
      }
      await setKillSwitch(file, word === 'on');
      if (flags.json) printJson({ file, on: word === 'on' });
      else process.stdout.write(`${file} says ${word}\n`);
    });
}
