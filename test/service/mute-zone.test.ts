import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { connect, type NatsConnection } from 'nats';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { playPoles } from '../support/plain-pole.js';
import { ROOT, startService, waitFor, type RunningService } from '../support/service.js';
import { shiftScene, soundOf } from '../support/shifted-scene.js';

const SITE = 'vieux-port';
const SCENE = join(ROOT, 'fixtures/positive/three-shots');
const HALF_DEGREES = 0.0003;
const QUIET_MILLIS = 8_000;

let nats: NatsServer;
let hub: NatsConnection;
let service: RunningService;
let folder: string;
const heard: string[] = [];

/** A square of some 60 m about where the scene's shots are fired; no pole stands in it. */
async function siteWithZone(): Promise<string> {
  const { truth } = JSON.parse(await readFile(join(SCENE, 'scene.json'), 'utf8')) as {
    truth: { location: [number, number] }[];
  };
  const [lon, lat] = truth[0].location;
  const corners = [
    [-1, -1],
    [1, -1],
    [1, 1],
    [-1, 1],
    [-1, -1],
  ].map(([x, y]) => [lon + x * HALF_DEGREES, lat + y * HALF_DEGREES]);
  const site = JSON.parse(await readFile(join(ROOT, 'fixtures/site.geojson'), 'utf8')) as {
    properties: object;
  };
  const zone = {
    type: 'Feature',
    properties: { name: 'school' },
    geometry: { type: 'Polygon', coordinates: [corners] },
  };
  Object.assign(site.properties, { muteZones: [zone] });
  const file = join(folder, 'site.geojson');
  await writeFile(file, JSON.stringify(site));
  return file;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clameur-mute-'));
  nats = await startNatsServer();
  hub = await connect({ servers: nats.url });
  hub.subscribe(`events.${SITE}.>`, { callback: (_error, message) => void heard.push(message.subject) });
  service = await startService(nats.url, { env: { CLAMEUR_SITE: await siteWithZone() } });
  await service.ready();
});
afterAll(async () => {
  await hub?.close();
  await service?.close();
  await nats?.close();
  await rm(folder, { recursive: true, force: true });
});

it('tells nobody of shots in a mute zone, from the first arrivals to the end', async () => {
  const scene = await shiftScene(SCENE, Math.ceil(Date.now() / 1000) * 1000 + 1500);
  await playPoles(hub, SITE, await soundOf(scene));
  await rm(scene, { recursive: true });
  const withheld = async (): Promise<number> => {
    const text = await (await fetch(`${service.url}/metrics`)).text();
    return Number(/withheld_total\{reason="mute_zone"\} (\d+)/.exec(text)?.[1] ?? 0);
  };
  await waitFor('steps to be withheld', async () => (await withheld()) > 0, 20);
  // The last step, its end, comes once it has been quiet for some seconds.
  const first = await withheld();
  await waitFor('further steps', async () => (await withheld()) > first, 20);
  await setTimeout(QUIET_MILLIS);
  expect(heard).toEqual([]);
}, 60_000);
