import { ensurePackages } from '../../src/cli/debian.js';

/** The suite drives Debian's Chromium against a real service and a real NATS server. */
export default function setup(): void {
  ensurePackages(['nats-server', 'libasound2', 'chromium'], (line) => process.stderr.write(`${line}\n`));
  process.env['PATH'] = `${process.env['PATH']}:/usr/sbin`;
}
