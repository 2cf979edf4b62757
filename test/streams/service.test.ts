import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type NatsConnection } from 'nats';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { stringify } from 'yaml';
import type { CloudEvent } from '../../src/publish/index.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { clameur, ROOT, startService, waitFor, type RunningService } from '../support/service.js';
import { soundOf } from '../support/shifted-scene.js';
import { wavFile } from '../support/wav.js';
import { freeTcpPort, startRtspServer, type RtspServer } from './servers.js';

const POLES = ['belges', 'opera', 'port-est'];

describe.skipIf(inject('missing').rtsp !== undefined)('the service with poles that are RTSP streams', () => {
  let folder: string;
  let rtsp: RtspServer;
  let nats: NatsServer;
  let hub: NatsConnection;
  let service: RunningService;
  let config: string;
  const heard: CloudEvent[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'clameur-streams-'));
    const scene = await soundOf(join(ROOT, 'fixtures/positive/single-shot'));
    const files: Record<string, string> = {};
    for (const { pole, rateHz, samples } of scene.filter(({ pole }) => POLES.includes(pole))) {
      // Every 16 s there is a shot.
      const noise = samples.subarray(0, rateHz);
      const quiet = Math.floor((16 * rateHz - samples.length) / noise.length);
      const rest = samples.subarray(0, 16 * rateHz - samples.length - quiet * noise.length);
      const longer = Float32Array.from([...samples, ...repeated(noise, quiet), ...rest], (s) => s / 32768);
      files[pole] = join(folder, `${pole}.wav`);
      await writeFile(files[pole], wavFile(rateHz, [longer]));
    }
    rtsp = await startRtspServer('rtpL16pay name=pay0', 16_000, { files });
    nats = await startNatsServer();
    hub = await connect({ servers: nats.url });
    hub.subscribe('events.vieux-port.>', { callback: (_error, message) => void heard.push(message.json()) });
    config = join(folder, 'clameur.yaml');
    const stream = (pole: string, transport: string) => ({
      pole,
      transport,
      url: rtsp.url.replace('rtsp://', 'rtsp://pole:s3cret@').replace('/live', `/${pole}`),
    });
    const yaml = {
      site: join(ROOT, 'fixtures/site.geojson'),
      // One pole must do: without their clocks known, poles cannot bear each other out.
      listen: { thresholds: { gunshot: { alone: 0.9 } } },
      streams: [
        ...POLES.map((pole, i) => stream(pole, i % 2 === 0 ? 'tcp' : 'udp')),
        { pole: 'mairie', url: `rtsp://pole:s3cret@127.0.0.1:${await freeTcpPort()}/dead` },
      ],
    };
    await writeFile(config, stringify(yaml));
    service = await startService(nats.url, { config });
    await service.ready();
  });
  afterAll(async () => {
    await hub?.close();
    await service?.close();
    await nats?.close();
    await rtsp?.kill();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  test('tells the hub of a shot, without a place that it cannot know', async () => {
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

function repeated(samples: Int16Array, times: number): number[] {
  return Array.from({ length: times }, () => [...samples]).flat();
}
