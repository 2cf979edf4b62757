import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { connect, type NatsConnection } from 'nats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CloudEvent } from '../../src/publish/index.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { plainFrame, playPoles } from '../support/plain-pole.js';
import { clameur, ROOT, startService, waitFor, type RunningService } from '../support/service.js';
import { shiftScene, soundOf } from '../support/shifted-scene.js';

const SITE = 'vieux-port';

/** What live and replay must agree on. */
function content(event: CloudEvent): unknown {
  const {
    latencySeconds: _latency,
    revision: _revision,
    exercise: _exercise,
    recurrence: _again,
    ...data
  } = event.data;
  return data;
}

function lastByIncident(events: readonly CloudEvent[]): Map<string, unknown> {
  return new Map(events.map((event) => [event.data.incidentId, content(event)]));
}

describe('the service, fed by a sender that shares none of its code', () => {
  let nats: NatsServer;
  let hub: NatsConnection;
  let service: RunningService;
  const heard: CloudEvent[] = [];

  beforeAll(async () => {
    nats = await startNatsServer();
    hub = await connect({ servers: nats.url, maxReconnectAttempts: -1 });
    hub.subscribe(`events.${SITE}.>`, { callback: (_error, message) => void heard.push(message.json()) });
    service = await startService(nats.url);
    await service.ready();
  });
  afterAll(async () => {
    await hub?.close();
    await service?.close();
    await nats?.close();
  });

  it('tells the hub live the same incidents as a replay of the same sound', async () => {
    const scene = await shiftScene(
      join(ROOT, 'fixtures/positive/three-shots'),
      Math.ceil(Date.now() / 1000) * 1000 + 1500,
    );
    const { weather } = JSON.parse(await readFile(join(scene, 'scene.json'), 'utf8')) as { weather: unknown };
    hub.publish(`weather.${SITE}`, JSON.stringify(weather));
    await playPoles(hub, SITE, await soundOf(scene));
    await waitFor('the incident to close', () => heard.some(({ type }) => type.includes('.closed.')), 20);
    const replay = await clameur(['replay', scene, '--json']);
    await rm(scene, { recursive: true });
    expect(replay.code).toBe(0);
    const replayed = replay.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as CloudEvent);
    expect(replayed.length).toBeGreaterThan(0);
    expect(lastByIncident(heard)).toEqual(lastByIncident(replayed));
  }, 90_000);

  it('answers broken frames with a count by reason and goes on', async () => {
    const now = BigInt(Date.now()) * 1_000_000n;
    const good = plainFrame({ startNanos: now, sequence: 1, rateHz: 16_000, samples: new Int16Array(1600) });
    const wrongMagic = Buffer.from(good);
    wrongMagic.write('NOPE', 0);
    const wrongVersion = Buffer.from(good);
    wrongVersion[4] = 9;
    hub.publish(`audio.${SITE}.belges`, wrongMagic);
    hub.publish(`audio.${SITE}.belges`, wrongVersion);
    hub.publish(`audio.${SITE}.belges`, good.subarray(0, 40));
    hub.publish(`audio.${SITE}.belges`, Buffer.alloc(0));
    hub.publish(`audio.${SITE}.nobody`, good);
    await hub.flush();
    const drops = async (): Promise<string[]> =>
      (await (await fetch(`${service.url}/metrics`)).text())
        .split('\n')
        .filter((line) => line.startsWith('clameur_frames_dropped_total{'));
    await waitFor('five drops', async () => (await drops()).length >= 4);
    expect((await drops()).join('\n')).toMatch(/pole="other"/);
    expect((await fetch(`${service.url}/healthz`)).status).toBe(200);
  });

  it('shows poles, their states and the last events on its page and by REST', async () => {
    const page = await (await fetch(`${service.url}/`)).text();
    expect(page).toContain('<html');
    const status = JSON.stringify(await (await fetch(`${service.url}/api/v1/status`)).json());
    expect(status).toContain('belges');
    expect(status).toContain('gunshot');
  });

  it('answers as the NATS micro service clameur, and tells the poles’ health and the last incidents', async () => {
    const ping = (await hub.request('$SRV.PING.clameur')).json<{
      name: string;
      metadata: { site: string };
    }>();
    expect(ping).toMatchObject({ name: 'clameur', metadata: { site: SITE } });
    const poles = (await hub.request(`clameur.${SITE}.poles`)).json<Array<{ pole: string; state: string }>>();
    expect(poles.map(({ pole }) => pole)).toContain('belges');
    const incidents = (await hub.request(`clameur.${SITE}.incidents`)).json<CloudEvent[]>();
    expect(incidents.map(({ data }) => data.class)).toContain('gunshot');
    const site = (await hub.request(`clameur.${SITE}.site`)).json<{ site: string }>();
    expect(site.site).toBe(SITE);
  });

  it('drains on SIGTERM and exits 0 (a drain that outlasts its 10 s exits 1)', async () => {
    expect(await service.stop()).toBe(0);
  });

  it('has counted the sound it heard and what it told, for clameur report', async () => {
    const { code, stdout, stderr } = await clameur(
      ['report', '--config', 'fixtures/clameur.yaml', '--json'],
      { CLAMEUR_NATS_SERVERS: nats.url, CLAMEUR_DATA: service.dataFolder },
    );
    expect(code, stderr).toBe(0);
    const report = JSON.parse(stdout) as { total: object; exposure: { poleDays: number } };
    expect(report.total).toMatchObject({ alerts: 1, unconfirmed: 1, dismissed: 0 });
    // Eight poles heard some seconds of a scene.
    expect(report.exposure.poleDays * 86_400).toBeGreaterThan(8);
    expect(report).toMatchObject({ latency: [{ class: 'gunshot', count: 1 }] });
  });
});
