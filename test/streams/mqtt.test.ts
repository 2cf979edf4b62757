import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type NatsConnection } from 'nats';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { NatsFeed } from '../../src/feeds/index.js';
import { ensureStreams } from '../../src/publish/index.js';
import { silentLogger } from '../../src/telemetry/index.js';
import { Listening } from '../feeds/listening.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { plainFrame } from '../support/plain-pole.js';
import { waitFor } from '../support/service.js';
import { pole } from './fetching.js';
import { freeTcpPort } from './servers.js';

const T0 = 1_777_672_845_000_000_000n;

describe.skipIf(inject('missing').mqtt !== undefined)(
  'a pole that speaks MQTT to NATS’s own listener',
  () => {
    let folder: string;
    let server: NatsServer;
    let nc: NatsConnection;
    let port: number;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'clameur-mqtt-'));
      port = await freeTcpPort();
      const config = join(folder, 'nats.conf');
      await writeFile(config, `server_name: hub\nmqtt { host: 127.0.0.1, port: ${port} }\n`);
      server = await startNatsServer(['-c', config]);
      nc = await connect({ servers: server.url });
      await ensureStreams(nc, { log: silentLogger() });
    });
    afterAll(async () => {
      await nc?.close();
      await server?.close();
      await rm(folder, { recursive: true, force: true });
    });

    /** As a pole would, with a client of another house. */
    async function publish(k: number, qos: number): Promise<void> {
      const samples = Int16Array.from({ length: 16_000 }, (_, i) => 8000 * Math.sin(i / 5));
      const file = join(folder, `frame-${k}`);
      const startNanos = T0 + BigInt(k) * 1_000_000_000n;
      await writeFile(file, plainFrame({ startNanos, sequence: k, rateHz: 16_000, samples }));
      const { status, stderr } = spawnSync(
        'mosquitto_pub',
        ['-h', '127.0.0.1', '-p', `${port}`, '-i', 'p1', '-t', 'audio/port/p1', '-q', `${qos}`, '-f', file],
        { encoding: 'utf8' },
      );
      expect(status, stderr).toBe(0);
    }

    /** How many messages with a frame in them lie in all streams together, and in how many streams was looked. */
    async function storedFrames(): Promise<{ frames: number; streams: string[] }> {
      const manager = await nc.jetstreamManager();
      const streams: string[] = [];
      let frames = 0;
      for await (const { config } of manager.streams.list()) {
        streams.push(config.name);
        const { state } = await manager.streams.info(config.name);
        for (let seq = state.first_seq; seq <= state.last_seq && state.messages > 0; seq++) {
          const message = await manager.streams.getMessage(config.name, { seq }).catch(() => undefined);
          if (message && Buffer.from(message.data).includes('CLMR')) frames++;
        }
      }
      return { frames, streams };
    }

    test('is heard, and at QoS 0 no stream holds a frame', async () => {
      const heard = new Listening();
      const feed = new NatsFeed({ connection: nc, site: { site: 'port', poles: [pole('p1')] } });
      await feed.start(heard);
      for (let k = 0; k < 5; k++) await publish(k, 0);
      await waitFor('the sound', () => heard.samplesOf('p1').length === 80_000);
      await feed.stop();
      expect(heard.of('p1').filter(({ afterBreak }) => afterBreak)).toHaveLength(1);
      const { frames, streams } = await storedFrames();
      expect(streams).toEqual(expect.arrayContaining(['$MQTT_msgs', '$MQTT_sess', 'EVENTS']));
      expect(frames).toBe(0);
    });

    test('is stored by NATS where it publishes at QoS 1 and another MQTT client subscribes so: hence QoS 0', async () => {
      spawnSync('mosquitto_sub', [
        '-h',
        '127.0.0.1',
        '-p',
        `${port}`,
        '-i',
        'spy',
        '-c',
        '-q',
        '1',
        '-t',
        'audio/#',
        '-E',
      ]);
      await publish(10, 1);
      await waitFor('NATS to keep the frame', async () => (await storedFrames()).frames > 0, 10);
      await publish(11, 0);
      expect((await storedFrames()).frames).toBe(1);
    });
  },
);
