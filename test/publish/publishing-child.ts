// Publishes revisions of a few incidents without end, and says each id once it is safe on disk. For the test that
// kills it. Arguments: NATS URL, data folder, first revision.
import { parseService } from '../../src/config/index.js';
import { connectNats, Publisher } from '../../src/publish/index.js';
import { silentLogger } from '../../src/telemetry/index.js';
import { CONTEXT, gunshot, step } from './incidents.js';

const [url, dataFolder, first] = process.argv.slice(2);
const publisher = await Publisher.open({ dataFolder, log: silentLogger() });
const { nats } = parseService(`nats: { servers: "${url}" }`, 'test.yaml').config;
void connectNats(nats).then((nc) => publisher.attach(nc));
process.stdout.write('open\n');
for (let revision = Number(first); ; revision++) {
  await Promise.all(
    ['a', 'b', 'c'].map(async (incidentId) => {
      const incident = gunshot({ incidentId, revision, durationSeconds: revision });
      const event = await publisher.publish(step('updated', incident), CONTEXT);
      process.stdout.write(`${event!.id}\n`);
    }),
  );
  await new Promise((resolve) => setTimeout(resolve, 2));
}
