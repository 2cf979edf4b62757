// Publishes revisions of a few incidents without end, and says each id once the publisher has taken it: from then on it
// may not be lost. Arguments: the incidents' module, NATS URL, data folder, first revision, replicas, milliseconds
// between revisions.
import { parseService } from '../../dist/config/index.js';
import { connectNats, Publisher } from '../../dist/publish/index.js';
import { silentLogger } from '../../dist/telemetry/index.js';

const [incidents, url, dataFolder, first, replicas, paceMillis] = process.argv.slice(2);
const { CONTEXT, gunshot, step } = await import(incidents);
const publisher = await Publisher.open({ dataFolder, log: silentLogger(), replicas: Number(replicas) });
const { nats } = parseService(`nats: { servers: "${url}" }`, 'test.yaml').config;
// Attaching fails for good only where sound would be stored; then nothing arrives, and the test says so.
void connectNats(nats).then((nc) => publisher.attach(nc));
process.stdout.write('open\n');
let ending = false;
process.once('SIGTERM', () => (ending = true));
for (let revision = Number(first); !ending; revision++) {
  for (const incidentId of ['a', 'b', 'c']) {
    const incident = gunshot({ incidentId, revision, durationSeconds: revision });
    try {
      const event = await publisher.publish(step('updated', incident), CONTEXT);
      if (event) process.stdout.write(`${event.id}\n`);
    } catch {
      // Refused, and so told to the locator: not made.
    }
  }
  await new Promise((resolve) => setTimeout(resolve, Number(paceMillis)));
}
// Only now: what is taken while it waits for the rest would stay on disk.
const left = await publisher.flush(60);
process.stdout.write(`left ${left}\n`);
await publisher.close();
process.exit(0);
