import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { connect, type NatsConnection } from 'nats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProcessLease } from '../../src/claims/index.js';
import type { CloudEvent } from '../../src/publish/index.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { playPoles } from '../support/plain-pole.js';
import { clameur, ROOT, startService, waitFor, type RunningService } from '../support/service.js';
import { shiftScene, soundOf } from '../support/shifted-scene.js';

const SITE = 'vieux-port';

describe('a site shared by two listeners, a locator and its standby', () => {
  let nats: NatsServer;
  let hub: NatsConnection;
  const services: RunningService[] = [];
  const heard: CloudEvent[] = [];

  const sites = async (): Promise<ProcessLease[]> => {
    const { stdout } = await clameur(['sites', '--config', 'fixtures/clameur.yaml', '--json'], {
      CLAMEUR_NATS_SERVERS: nats.url,
    });
    return stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as ProcessLease);
  };

  beforeAll(async () => {
    nats = await startNatsServer();
    hub = await connect({ servers: nats.url });
    hub.subscribe(`events.${SITE}.>`, { callback: (_error, message) => void heard.push(message.json()) });
    for (const role of ['locate', 'locate', 'listen', 'listen'])
      services.push(await startService(nats.url, { role }));
    for (const service of services) await service.ready();
  }, 240_000);
  afterAll(async () => {
    for (const service of services) await service.close();
    await hub?.close();
    await nats?.close();
  });

  it('has each pole heard by one of them, and one that locates', async () => {
    let leases: ProcessLease[] = [];
    await waitFor(
      'the poles to be shared out',
      async () => {
        leases = await sites();
        const poles = leases.flatMap((lease) => lease.poles);
        return poles.length === 8 && new Set(poles).size === 8;
      },
      60,
    );
    expect(leases.map(({ role }) => role).sort()).toEqual(['listen', 'listen', 'locate', 'locate']);
    expect(leases.filter(({ claim }) => claim === 'holding')).toHaveLength(1);
  }, 90_000);

  it('tells the hub of the shots that it hears, though the locator is killed while they fall', async () => {
    const holding = (await sites()).find(({ claim }) => claim === 'holding')!.process;
    const locator = services.find((service) => service.log().includes(holding))!;
    const scene = await shiftScene(
      join(ROOT, 'fixtures/positive/three-shots'),
      Math.ceil(Date.now() / 1000) * 1000 + 1500,
    );
    const playing = playPoles(hub, SITE, await soundOf(scene));
    await waitFor('the incident', () => heard.length > 0, 60);
    await locator.kill();
    await playing;
    await rm(scene, { recursive: true });
    await waitFor('the standby to close it', () => heard.some(({ type }) => type.includes('.closed.')), 60);
    const last = heard.reduce((a, b) => (b.data.revision > a.data.revision ? b : a));
    expect(new Set(heard.map(({ data }) => data.incidentId)).size).toBe(1);
    expect(last.data).toMatchObject({ class: 'gunshot', state: 'closed', method: 'multilateration' });
    expect(last.data.shots?.count).toBe(3);
    expect(new Set(heard.map(({ data }) => data.revision)).size).toBe(
      new Set(heard.map(({ id }) => id)).size,
    );
  }, 180_000);

  it('goes on when a listener is stopped: the other hears every pole', async () => {
    const listener = services.at(-1)!;
    expect(await listener.stop()).toBe(0);
    await waitFor(
      'the other to hear all',
      async () => (await sites()).some(({ poles }) => poles.length === 8),
      60,
    );
  }, 90_000);
});
