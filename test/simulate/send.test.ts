import { connect, type NatsConnection } from 'nats';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeFrame, type Frame } from '../../src/audio/index.js';
import { openRecording, readScene, type Scene } from '../../src/feeds/index.js';
import { playScene, type PlayOptions } from '../../src/simulate/index.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';

let server: NatsServer;
let connection: NatsConnection;
let scene: Scene;
beforeAll(async () => {
  server = await startNatsServer();
  connection = await connect({ servers: server.url });
  scene = await readScene('fixtures/positive/shot-heard-by-few');
});
afterAll(async () => {
  await connection.close();
  await server.close();
});

async function heard(subject: string, options: PlayOptions): Promise<Map<string, Frame[]>> {
  const hub = await connect({ servers: server.url });
  const subscription = hub.subscribe(subject);
  await hub.flush();
  await playScene(connection, scene, { speed: Infinity, ...options });
  await hub.flush();
  await subscription.drain();
  const frames = new Map<string, Frame[]>();
  for await (const message of subscription) {
    const frame = decodeFrame(message.data);
    if (typeof frame === 'string') throw new Error(`refused: ${JSON.stringify(frame)}`);
    frames.set(message.subject, [...(frames.get(message.subject) ?? []), frame]);
  }
  await hub.close();
  return frames;
}

test('every sample of every pole arrives exactly, in frames of 100 ms that follow each other without a gap', async () => {
  const frames = await heard('audio.vieux-port.*', {});
  expect([...frames.keys()].sort()).toEqual(['audio.vieux-port.mairie', 'audio.vieux-port.rive-neuve-ouest']);
  for (const { pole, file, startNanos } of scene.recordings) {
    const sent = frames.get(`audio.vieux-port.${pole}`)!;
    let next = startNanos;
    for (const [i, frame] of sent.entries()) {
      expect(frame.sequence).toBe(i);
      expect(frame.startNanos).toBe(next);
      expect(frame.clockUncertaintySeconds).toBeCloseTo(0.0005, 9);
      next += 100_000_000n;
    }
    const played = sent.map(({ pcm }) => Buffer.from(Int16Array.from(pcm).buffer));
    const recorded: Buffer[] = [];
    for await (const [channel] of (await openRecording(file)).pieces())
      recorded.push(Buffer.from(Int16Array.from(channel, (x) => Math.round(x * 32_768)).buffer));
    expect(Buffer.concat(played).equals(Buffer.concat(recorded))).toBe(true);
  }
});

test('a scene can be sent as if it began now, and as an exercise', async () => {
  const startAtMillis = Date.now();
  const frames = await heard('exercise.>', { startAtMillis, prefix: 'exercise' });
  const first = frames.get('exercise.vieux-port.mairie')![0];
  expect(first.startNanos).toBe(BigInt(startAtMillis) * 1_000_000n);
});
