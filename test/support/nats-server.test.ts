import { connect, JSONCodec } from 'nats';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startNatsServer, type NatsServer } from './nats-server.js';

let server: NatsServer;
beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(() => server.close());

test('what JetStream acknowledged is still there after the server was killed and restarted on its port', async () => {
  const before = await connect({ servers: server.url, reconnect: false });
  const manager = await before.jetstreamManager();
  await manager.streams.add({ name: 'KEPT', subjects: ['kept'] });
  await before.jetstream().publish('kept', JSONCodec().encode({ kept: true }));
  await server.kill();
  await before.closed();
  await server.restart();
  const after = await connect({ servers: server.url });
  const message = await (await after.jetstreamManager()).streams.getMessage('KEPT', { seq: 1 });
  expect(message.json()).toEqual({ kept: true });
  await after.close();
});
