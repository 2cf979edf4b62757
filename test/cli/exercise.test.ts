import { connect } from 'nats';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CloudEvent } from '../../src/publish/index.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { clameur, startService, type RunningService } from '../support/service.js';

let nats: NatsServer;
let service: RunningService;

beforeAll(async () => {
  nats = await startNatsServer();
  service = await startService(nats.url, { env: { CLAMEUR_EXERCISE: 'true' } });
  await service.ready();
});
afterAll(async () => {
  await service?.close();
  await nats?.close();
});

it('an exercise goes the whole way through the running service, near its place, and no event is a live one', async () => {
  const hub = await connect({ servers: nats.url });
  const events: CloudEvent[] = [];
  hub.subscribe('events.>', { callback: (_error, message) => void events.push(message.json()) });
  await hub.flush();
  const result = await clameur(['exercise', '--config', 'fixtures/clameur.yaml', '--json'], {
    CLAMEUR_NATS_SERVERS: nats.url,
  });
  await hub.close();
  expect(result.code, result.stderr).toBe(0);
  const answer = JSON.parse(result.stdout) as { class: string; method: string; offMeters: number };
  expect(answer).toMatchObject({ class: 'gunshot', method: 'multilateration' });
  expect(answer.offMeters).toBeLessThan(25);
  expect(events.length).toBeGreaterThan(0);
  expect(events.filter(({ data }) => !data.exercise)).toEqual([]);
});

it('a scene is exercised and compared with its truth: what was told, and how far from where it was', async () => {
  const args = ['fixtures/positive/single-shot', '--site', 'fixtures/site.geojson'];
  const { code, stdout, stderr } = await clameur(
    ['exercise', ...args, '--config', 'fixtures/clameur.yaml', '--json'],
    { CLAMEUR_NATS_SERVERS: nats.url },
  );
  expect(code, stderr + stdout).toBe(0);
  const answer = JSON.parse(stdout) as {
    matches: Array<{ event: { exercise: boolean } }>;
    unexpected: unknown[];
  };
  expect(answer.matches.map(({ event }) => event.exercise)).toEqual([true]);
  expect(answer.unexpected).toEqual([]);
});

it('an exercise that nobody hears fails, and says what to look at', async () => {
  await service.stop();
  const unheard = await clameur(['exercise', '--config', 'fixtures/clameur.yaml', '--wait', '0.2'], {
    CLAMEUR_NATS_SERVERS: nats.url,
  });
  expect(unheard.code).toBe(1);
  expect(unheard.stderr).toContain('exercise: true');
});
