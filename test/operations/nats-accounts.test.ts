import { join } from 'node:path';
import { connect, type NatsConnection } from 'nats';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { plainFrame } from '../support/plain-pole.js';
import { clameur, ROOT, startService, waitFor, type RunningService } from '../support/service.js';

const PASSWORDS = { POLES: 'p1', CLAMEUR: 'c1', HUB: 'h1', TECHNICIAN: 't1' };
let nats: NatsServer;
let service: RunningService;
const open: NatsConnection[] = [];

async function as(user: keyof typeof PASSWORDS): Promise<{ nc: NatsConnection; refused: string[] }> {
  const nc = await connect({ servers: nats.url, user: user.toLowerCase(), pass: PASSWORDS[user] });
  open.push(nc);
  const refused: string[] = [];
  void (async () => {
    for await (const { data } of nc.status()) refused.push(JSON.stringify(data));
  })();
  return { nc, refused };
}

beforeAll(async () => {
  for (const [user, password] of Object.entries(PASSWORDS)) process.env[`${user}_PASSWORD`] = password;
  nats = await startNatsServer(['-c', join(ROOT, 'charts/nats-accounts.conf')]);
  const env = { CLAMEUR_EXERCISE: 'true', CLAMEUR_NATS_USER: 'clameur', CLAMEUR_NATS_PASSWORD: 'c1' };
  service = await startService(nats.url, { env });
  await service.ready();
});
afterAll(async () => {
  for (const nc of open) await nc.close();
  await service?.close();
  await nats?.close();
});

it('the service has all the rights it needs, and a technician’s exercise reaches the hub', async () => {
  const { nc: hub } = await as('HUB');
  const env = {
    CLAMEUR_NATS_SERVERS: nats.url,
    CLAMEUR_NATS_USER: 'technician',
    CLAMEUR_NATS_PASSWORD: 't1',
  };
  const { code, stderr } = await clameur(['exercise', '--config', 'fixtures/clameur.yaml'], env);
  expect(code, stderr).toBe(0);
  const consumers = await hub.jetstreamManager();
  await consumers.consumers.add('EVENTS', { durable_name: 'hub', ack_policy: 'explicit' as never });
  const consumer = await hub.jetstream().consumers.get('EVENTS', 'hub');
  const first = await consumer.next({ expires: 5000 });
  first?.ack();
  expect(first?.json()).toMatchObject({ data: { class: 'gunshot', exercise: true } });
  expect(service.log()).not.toMatch(/permission|violation/i);
});

it('a pole sends sound and hears nothing', async () => {
  const { nc: pole, refused } = await as('POLES');
  pole.subscribe('events.>', { callback: () => undefined });
  const now = BigInt(Date.now()) * 1_000_000n;
  const frame = plainFrame({ startNanos: now, sequence: 1, rateHz: 16_000, samples: new Int16Array(1600) });
  pole.publish('audio.vieux-port.belges', frame);
  pole.publish('exercise.vieux-port.belges', frame);
  pole.publish('events.vieux-port.gunshot', '{}');
  await pole.flush();
  await waitFor('three refusals', () => refused.length >= 3);
  const metrics = async (): Promise<string> => (await fetch(`${service.url}/metrics`)).text();
  await waitFor('its frame', async () =>
    /clameur_feed_state\{pole="belges",state="live"\} 1/.test(await metrics()),
  );
});

it('neither hub nor technician can send live sound, or the hub an event', async () => {
  const { nc: hub, refused: hubRefused } = await as('HUB');
  const { nc: technician, refused: technicianRefused } = await as('TECHNICIAN');
  hub.publish('audio.vieux-port.belges');
  hub.publish('events.vieux-port.gunshot', '{}');
  technician.publish('audio.vieux-port.belges');
  technician.publish('events.vieux-port.gunshot', '{}');
  await Promise.all([hub.flush(), technician.flush()]);
  await waitFor('two refusals each', () => hubRefused.length >= 2 && technicianRefused.length >= 2);
});
