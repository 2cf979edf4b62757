import { ensurePackages } from '../../src/cli/debian.js';

/** The suite runs against the real thing: a nats-server, and the decoder's ALSA library. */
export default function setup(): void {
  ensurePackages(['nats-server', 'libasound2'], (line) => process.stderr.write(`${line}\n`));
  process.env['PATH'] = `${process.env['PATH']}:/usr/sbin`;
}
