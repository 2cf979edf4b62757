import { Command, Option } from 'commander';
import { loadService, serviceReference } from '../config/index.js';
import { createLogger } from '../telemetry/index.js';
import type { Role } from './membership.js';
import { Service } from './service.js';

/** A drain that hangs must not keep the process: SIGTERM promises 10 s. */
const DRAIN_MILLIS = 9_500;

/** `clameur serve`: the service. */
export function serveCommand(): Command {
  return new Command('serve')
    .description(
      'Listens to the site’s poles on NATS, locates what it hears, publishes events, answers HTTP.',
    )
    .requiredOption('--config <file>', 'the service’s YAML')
    .addOption(
      new Option(
        '--role <role>',
        'listen: hears a share of the poles; locate: one does, the others stand by; both: all of it, shared where there are several',
      )
        .choices(['listen', 'locate', 'both'])
        .default('both'),
    )
    .addHelpText(
      'after',
      () => `\nExample: clameur serve --config clameur.yaml\n\nKeys of the YAML:\n${serviceReference()}`,
    )
    .action(async ({ config: file, role }: { config: string; role: Role }) => {
      const { config, unknownVariables } = await loadService(file);
      const log = createLogger(config.log);
      for (const name of unknownVariables) {
        log.warn(
          { variable: name },
          'this environment variable names no key of the configuration and is ignored',
        );
      }
      const service = await Service.start(config, log, role);
      await new Promise<void>((resolve) => {
        process.once('SIGTERM', resolve);
        process.once('SIGINT', resolve);
      });
      log.info('ending: no more sound is taken in, what is decided goes out');
      const hung = setTimeout(() => {
        log.error('draining took too long; what is left waits in the outbox for the next start');
        process.exit(1);
      }, DRAIN_MILLIS);
      await service.stop();
      clearTimeout(hung);
      // The ONNX runtime and timers of libraries may hold the event loop; all of ours is closed.
      process.exit(0);
    });
}
