import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { connect, type NatsConnection } from 'nats';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { CloudEvent } from '../../src/publish/index.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { playPoles } from '../support/plain-pole.js';
import { ROOT, startService, waitFor, type RunningService } from '../support/service.js';
import { shiftScene, soundOf } from '../support/shifted-scene.js';

const SITE = 'vieux-port';
const SCENE = join(ROOT, 'fixtures/positive/three-shots');
const HALF_DEGREES = 0.0003;
/** 90 m. */
const NEAR_DEGREES = 0.0008;
const QUIET_MILLIS = 8_000;

let nats: NatsServer;
let hub: NatsConnection;
let service: RunningService | undefined;
let folder: string;
let heard: CloudEvent[] = [];

/** A square of some 60 m that stands so far north of where the scene's shots are fired; no pole stands in it. */
async function siteWithZone(northDegrees: number): Promise<string> {
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
  ].map(([x, y]) => [lon + x * HALF_DEGREES, lat + northDegrees + y * HALF_DEGREES]);
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

/** Plays the scene to a service whose site has the zone; resolves once a step was withheld. */
async function play(northDegrees: number): Promise<void> {
  heard = [];
  service = await startService(nats.url, { env: { CLAMEUR_SITE: await siteWithZone(northDegrees) } });
  await service.ready();
  const scene = await shiftScene(SCENE, Math.ceil(Date.now() / 1000) * 1000 + 1500);
  await playPoles(hub, SITE, await soundOf(scene));
  await rm(scene, { recursive: true });
  await waitFor('steps to be withheld', async () => (await withheld()) > 0, 20);
}

async function withheld(): Promise<number> {
  const text = await (await fetch(`${service!.url}/metrics`)).text();
  return Number(/withheld_total\{reason="mute_zone"\} (\d+)/.exec(text)?.[1] ?? 0);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clameur-mute-'));
  nats = await startNatsServer();
  hub = await connect({ servers: nats.url });
  hub.subscribe(`events.${SITE}.>`, { callback: (_error, message) => void heard.push(message.json()) });
});
afterEach(() => service?.close());
afterAll(async () => {
  await hub?.close();
  await nats?.close();
  await rm(folder, { recursive: true, force: true });
});

it('tells nobody of shots in a mute zone, from the first arrivals to the end', async () => {
  await play(0);
  // The last step, its end, comes once it has been quiet for some seconds.
  const first = await withheld();
  await waitFor('further steps', async () => (await withheld()) > first, 20);
  await setTimeout(QUIET_MILLIS);
  expect(heard).toEqual([]);
}, 60_000);

it('tells of shots near one as soon as their place is clear of it, from a beginning to an end', async () => {
  await play(NEAR_DEGREES);
  const isOver = (): boolean => heard.some(({ type }) => type.includes('.closed.'));
  await waitFor('the incident to end', isOver, 20);
  expect(heard[0]).toMatchObject({
    type: 'clameur.incident.detected.v1',
    data: { method: 'multilateration' },
  });
  expect(heard.filter(({ type }) => type.includes('.detected.'))).toHaveLength(1);
}, 60_000);
