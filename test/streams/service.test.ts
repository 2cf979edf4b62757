import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'nats';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { stringify } from 'yaml';
import type { CloudEvent } from '../../src/publish/index.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { clameur, ROOT, startService, waitFor, type RunningService } from '../support/service.js';
import { soundOf } from '../support/shifted-scene.js';
import { wavFile } from '../support/wav.js';
import { freeTcpPort, startRtspServer } from './servers.js';

const SCENE = join(ROOT, 'fixtures/positive/single-shot');
const WITH_TIME = [
  'belges',
  'canebiere',
  'port-est',
  'rive-neuve-est',
  'rive-neuve-ouest',
  'estienne-dorves',
  'opera',
];
const WITHOUT_TIME = ['belges', 'opera', 'port-est'];

/** A shot every 16 s of UTC at all poles of a scene, as RTSP; and the service that fetches it. */
async function cityOfStreams(poles: readonly string[], reports: 'sent' | 'captured', more: object = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'clameur-streams-'));
  const scene = (await soundOf(SCENE)).filter(({ pole }) => poles.includes(pole));
  const begin = scene.map(({ startNanos }) => startNanos).reduce((a, b) => (b < a ? b : a));
  const files: Record<string, string> = {};
  for (const { pole, rateHz, samples, startNanos } of scene) {
    const sound = new Float32Array(16 * rateHz);
    const lead = Math.round((Number(startNanos - begin) / 1e9) * rateHz);
    // Its own noise before and after it.
    sound.forEach(
      (_, i) => (sound[i] = samples[(i - lead + sound.length) % sound.length] ?? samples[i % rateHz]),
    );
    files[pole] = join(folder, `${pole}.wav`);
    await writeFile(files[pole], wavFile(rateHz, [sound.map((sample) => sample / 32768)]));
  }
  const rtsp = await startRtspServer('rtpL16pay name=pay0', 16_000, { files, reports });
  const nats = await startNatsServer();
  const hub = await connect({ servers: nats.url });
  const heard: CloudEvent[] = [];
  hub.subscribe('events.vieux-port.>', { callback: (_error, message) => void heard.push(message.json()) });
  const config = join(folder, 'clameur.yaml');
  const url = rtsp.url.replace('rtsp://', 'rtsp://pole:s3cret@');
  const streams = Object.keys(files).map((pole, i) => ({
    pole,
    transport: i % 2 === 0 ? 'tcp' : 'udp',
    url: url.replace('/live', `/${pole}`),
  }));
  const dead = { pole: 'mairie', url: `rtsp://pole:s3cret@127.0.0.1:${await freeTcpPort()}/dead` };
  const site = join(ROOT, 'fixtures/site.geojson');
  await writeFile(config, stringify({ site, streams: [...streams, dead], ...more }));
  const service = await startService(nats.url, { config });
  await service.ready();
  return {
    heard,
    config,
    nats,
    service,
    async close() {
      await hub.close();
      await service.close();
      await nats.close();
      await rtsp.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

describe.skipIf(inject('missing').rtsp !== undefined)(
  'the service with poles whose streams tell when they captured',
  () => {
    test('locates a shot that it heard over RTSP alone', async () => {
      const city = await cityOfStreams(WITH_TIME, 'captured');
      const located = (): CloudEvent | undefined =>
        city.heard.find(({ data }) => data.method === 'multilateration');
      await waitFor('a located shot', () => located() !== undefined, 90).catch((error: Error) => {
        throw new Error(`${error.message}\n${JSON.stringify(city.heard)}\n${city.service.log()}`);
      });
      const { location, accuracy, poles } = located()!.data;
      await city.close();
      const { truth } = JSON.parse(await readFile(join(SCENE, 'scene.json'), 'utf8')) as {
        truth: Array<{ location: [number, number] }>;
      };
      expect(poles.every(({ clockUncertaintySeconds }) => clockUncertaintySeconds !== undefined)).toBe(true);
      expect(metersBetween(location!.coordinates, truth[0].location)).toBeLessThanOrEqual(
        Math.max(25, accuracy!.semiMajorMeters),
      );
    });
  },
);

describe.skipIf(inject('missing').rtsp !== undefined)('the service with poles whose streams do not', () => {
  let city: Awaited<ReturnType<typeof cityOfStreams>>;
  let service: RunningService;
  let config: string;
  let nats: NatsServer;

  beforeAll(async () => {
    // One pole must do: without their clocks known, poles cannot bear each other out.
    city = await cityOfStreams(WITHOUT_TIME, 'sent', { listen: { thresholds: { gunshot: { alone: 0.9 } } } });
    ({ service, config, nats } = city);
  });
  afterAll(() => city?.close());

  test('tells the hub of a shot, without a place that it cannot know', async () => {
    const { heard } = city;
    await waitFor('the shot to reach the hub', () => heard.some(({ data }) => data.class === 'gunshot'), 60);
    for (const { data } of heard) {
      expect(['nearest_pole', 'none']).toContain(data.method);
      for (const { clockUncertaintySeconds } of data.poles) expect(clockUncertaintySeconds).toBeUndefined();
    }
  });

  test('shows the streams’ states and restarts in its metrics, and no password in its log', async () => {
    const restarts = /clameur_stream_restarts_total\{pole="mairie",reason="ended"\} [1-9]/;
    const metrics = async (): Promise<string> => (await fetch(`${service.url}/metrics`)).text();
    await waitFor('the dead camera to be counted', async () => restarts.test(await metrics()));
    expect(await metrics()).toMatch(/clameur_feed_state\{pole="mairie",state="failed"\} 1/);
    expect(await metrics()).toMatch(/clameur_feed_state\{pole="belges",state="live"\} 1/);
    expect(service.log()).toMatch(/"pole":"mairie","state":"failed"/);
    expect(service.log().match(/"pole":"mairie","state":"failed"/g)).toHaveLength(1);
    expect(service.log()).not.toContain('s3cret');
  });

  test('is found in order by doctor, and a pole that is not in the site is not', async () => {
    const good = await clameur(['doctor', '--config', config, '--json'], { CLAMEUR_NATS_SERVERS: nats.url });
    expect(good.stdout).toMatch(/"check":"streams of poles","verdict":"ok"/);
    const streams = '[{ pole: ghost, url: "rtsp://camera/live" }]';
    const bad = await clameur(['doctor', '--config', config, '--json'], {
      CLAMEUR_NATS_SERVERS: nats.url,
      CLAMEUR_STREAMS: streams,
    });
    expect(bad.stdout).toMatch(/"verdict":"fail".*pole \\"ghost\\" is not in site/);
    const start = await clameur(['serve', '--config', config], {
      CLAMEUR_STREAMS: streams,
      CLAMEUR_HTTP_PORT: '0',
    });
    expect(start.code).toBe(2);
    expect(start.stderr).toMatch(/pole "ghost" is not in site "vieux-port"/);
  });

  test('ends on SIGTERM within its time, streams and all', async () => {
    expect(await service.stop()).toBe(0);
  });
});

function metersBetween([lonA, latA]: readonly number[], [lonB, latB]: readonly number[]): number {
  const north = (latB - latA) * 111_195;
  return Math.hypot(north, (lonB - lonA) * 111_195 * Math.cos((latA * Math.PI) / 180));
}
