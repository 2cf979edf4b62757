import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { connect, headers, type NatsConnection } from 'nats';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { encodeFrame, type FrameToSend } from '../../src/audio/index.js';
import type { Pole } from '../../src/config/index.js';
import { NatsFeed, type NatsFeedOptions } from '../../src/feeds/index.js';
import type { FeedShare } from '../../src/feeds/feed.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { Listening } from './listening.js';
import { Tally } from './tally.js';

const T0 = 1_777_672_845_000_000_000n;

let server: NatsServer;
let here: NatsConnection;
let poles: NatsConnection;
beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  here = await connect({ servers: server.url });
  poles = await connect({ servers: server.url });
});
afterEach(async () => {
  await here.close();
  await poles.close();
});

const pole = (name: string, more: Partial<Pole> = {}): Pole => ({
  pole: name,
  position: [5.37, 43.29],
  altitudeMeters: 0,
  recorded: true,
  positionUncertaintyMeters: 1,
  ...more,
});

function frame(k: number, more: Partial<FrameToSend> = {}): Uint8Array {
  return encodeFrame({
    encoding: 'int16',
    sampleRateHz: 16000,
    sequence: k,
    startNanos: T0 + BigInt(k) * 100_000_000n,
    channels: [new Float32Array(1600).fill(0.25)],
    ...more,
  });
}

async function listen(sitePoles: Pole[], more: Partial<NatsFeedOptions> = {}, first?: FeedShare) {
  const heard = new Listening();
  const tally = new Tally();
  const log: string[] = [];
  const clock = { seconds: 1000, nanos: T0 };
  const feed = new NatsFeed({
    connection: here,
    site: { site: 'port', poles: sitePoles },
    counters: tally,
    log: { warn: (_key, _fields, message) => log.push(message) },
    monotonicSeconds: () => clock.seconds,
    nowNanos: () => clock.nanos,
    ...more,
  });
  if (first) await feed.setPoles(first);
  await feed.start(heard);
  const settled = async () => {
    await poles.flush();
    await here.flush();
  };
  return { feed, heard, tally, log, clock, settled };
}

/** Until the feed's own timer has ticked and told. */
async function told(heard: Listening, line: RegExp): Promise<void> {
  while (!heard.told.some((one) => line.test(one))) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('live frames from NATS', () => {
  test('become the sound of their poles', async () => {
    const { feed, heard, tally, settled } = await listen([pole('p1'), pole('p2')]);
    for (let k = 0; k < 3; k++) poles.publish('audio.port.p1', frame(k, { clockUncertaintySeconds: 0.001 }));
    poles.publish('audio.port.p2', frame(0, { sampleRateHz: 48000, channels: [new Float32Array(4800)] }));
    poles.publish('audio.elsewhere.p1', frame(3));
    await settled();
    expect(heard.of('p1').map(({ startNanos }) => startNanos)).toEqual([
      T0,
      T0 + 100_000_000n,
      T0 + 200_000_000n,
    ]);
    expect(heard.of('p1')[0]).toMatchObject({ clockUncertaintySeconds: 0.001, afterBreak: true });
    expect([...heard.samplesOf('p1')]).toEqual(Array.from({ length: 4800 }, () => 0.25));
    expect(heard.of('p2')).toHaveLength(1);
    expect(tally).toMatchObject({ frames: 4, drops: {}, events: {} });
    expect(heard.told).toEqual(['p1 waiting', 'p2 waiting', 'p1 live', 'p2 live']);
    await feed.stop();
    poles.publish('audio.port.p1', frame(3));
    await settled();
    expect(heard.of('p1')).toHaveLength(3);
  });

  test('that are garbage are counted by reason, and every other feed goes on', async () => {
    const { feed, heard, tally, settled } = await listen([pole('p1'), pole('p2')]);
    const version = frame(0);
    version[4] = 9;
    for (let k = 0; k < 3; k++) {
      poles.publish('audio.port.p1', new Uint8Array(0));
      poles.publish('audio.port.p1', new Uint8Array(100_000));
      poles.publish('audio.port.p1', new Uint8Array(600_000));
      poles.publish('audio.port.p1', version);
      poles.publish('audio.port.p1', frame(0).subarray(0, 1000));
      poles.publish('audio.port.p1', frame(0, { encoding: 'float32', channels: [Float32Array.of(NaN)] }));
      poles.publish('audio.port.p2', frame(k));
    }
    await settled();
    expect(tally).toMatchObject({
      frames: 3,
      drops: { length: 6, magic: 3, oversized: 3, version: 3, not_finite: 3 },
    });
    expect(heard.of('p1')).toHaveLength(0);
    expect(heard.of('p2')).toHaveLength(3);
    await told(heard, /^p1 failed: what it sends is dropped: not_finite$/);
    await feed.stop();
  });

  test('of poles that are not in the site are counted, and told once a pole', async () => {
    const { feed, heard, tally, log, settled } = await listen([
      pole('p1'),
      pole('silent', { recorded: false }),
    ]);
    for (let k = 0; k < 5; k++) poles.publish('audio.port.ghost', frame(k));
    for (let k = 0; k < 200; k++) poles.publish(`audio.port.ghost-${k}`, frame(0));
    poles.publish('audio.port.silent', frame(0));
    poles.publish('audio.port.p1.more', frame(0));
    await settled();
    expect(tally.drops).toEqual({ unknown_pole: 207 });
    expect(log.filter((line) => line.includes('"ghost"'))).toHaveLength(1);
    expect(log).toHaveLength(100);
    expect(heard.blocks).toHaveLength(0);
    await feed.stop();
  });

  test('of ten thousand made-up poles cost a hundred lines at most, and the real one is heard between them', async () => {
    const { feed, heard, tally, log, settled } = await listen([pole('p1')]);
    for (let k = 0; k < 10_000; k++) {
      poles.publish(`audio.port.made-up-${k}`, frame(0));
      if (k % 1000 === 0) poles.publish('audio.port.p1', frame(k / 1000));
    }
    await settled();
    expect(tally.drops).toEqual({ unknown_pole: 10_000 });
    expect(log.length).toBeLessThanOrEqual(100);
    expect(heard.of('p1')).toHaveLength(10);
    await feed.stop();
  });

  test('stop, and the pole stalls after 2 s; they come again, and it is live', async () => {
    const { feed, heard, clock, settled } = await listen([pole('p1'), pole('p2')]);
    poles.publish('audio.port.p1', frame(0));
    await settled();
    clock.seconds += 2;
    await told(heard, /^p1 stalled: no bytes for 2 s$/);
    poles.publish('audio.port.p1', frame(30));
    await settled();
    expect(heard.told).toEqual([
      'p1 waiting',
      'p2 waiting',
      'p1 live',
      'p1 stalled: no bytes for 2 s',
      'p1 live',
    ]);
    expect(Object.fromEntries(feed.states())).toEqual({ p1: 'live', p2: 'waiting' });
    await feed.stop();
  });

  test('faster than 4 times real time for long are a flood; what comes at the right speed passes', async () => {
    const { feed, tally, clock, settled } = await listen([pole('p1'), pole('p2')]);
    for (let k = 0; k < 400; k++) poles.publish('audio.port.p1', frame(k));
    poles.publish('audio.port.p2', frame(0));
    await settled();
    // 15 s at once are let through: 150 frames, and the other pole's one.
    expect(Math.abs(tally.frames - 151)).toBeLessThanOrEqual(1);
    const flood = 401 - tally.frames;
    expect(tally.drops).toEqual({ flood });
    for (let k = 400; k < 600; k++) {
      clock.seconds += 0.1;
      poles.publish('audio.port.p1', frame(k));
      await settled();
    }
    expect(tally.drops).toEqual({ flood });
    await feed.stop();
  });

  test('with a clock hours off are counted, and heard: the site’s time sets them apart later', async () => {
    const { feed, heard, tally, settled } = await listen([pole('p1')]);
    poles.publish('audio.port.p1', frame(0, { startNanos: T0 - 7_200_000_000_000n }));
    await settled();
    expect(tally.events).toEqual({ clock_far: 1 });
    expect(heard.of('p1')).toHaveLength(1);
    await feed.stop();
  });

  test('of exercises are a feed of their own', async () => {
    const live = await listen([pole('p1')]);
    const exercise = await listen([pole('p1')], { prefix: 'exercise' });
    poles.publish('exercise.port.p1', frame(0));
    await live.settled();
    expect([live.heard.blocks.length, exercise.heard.blocks.length]).toEqual([0, 1]);
    await live.feed.stop();
    await exercise.feed.stop();
  });

  test('come only of the poles that this listener has, as these change', async () => {
    const { feed, heard, tally, settled } = await listen([pole('p1'), pole('p2')], { poles: ['p1'] });
    const both = async (k: number) => {
      for (const name of ['p1', 'p2']) poles.publish(`audio.port.${name}`, frame(k));
      await settled();
    };
    await both(0);
    await feed.setPoles({ poles: ['p2'] });
    await both(1);
    expect(heard.blocks.map((one) => one.pole)).toEqual(['p1', 'p2']);
    expect(tally.drops).toEqual({});
    await feed.stop();
  });

  test('of a pole that another process hears are kept unheard, and heard first where that one dies', async () => {
    const { feed, heard, tally, settled } = await listen([pole('p1'), pole('p2')], { poles: ['p1'] });
    const send = async (name: string, from: number, count: number) => {
      for (let k = from; k < from + count; k++) poles.publish(`audio.port.${name}`, frame(k));
      await settled();
    };
    await send('p2', 0, 5);
    await feed.setPoles({ poles: ['p1'], standby: ['p2'] });
    await send('p2', 5, 5);
    expect(heard.of('p2')).toHaveLength(0);
    expect(tally.frames).toBe(0);
    // A recording's pace: each block is waited for, and what comes meanwhile goes behind it.
    const onBlock = heard.onBlock.bind(heard);
    heard.onBlock = async (name, block) => {
      onBlock(name, block);
      await new Promise((resolve) => setTimeout(resolve, 5));
    };
    const taking = feed.setPoles({ poles: ['p1', 'p2'], rescued: ['p2'] });
    await send('p2', 10, 5);
    await taking;
    await expect.poll(() => heard.of('p2').length).toBe(10);
    expect(heard.of('p2').filter(({ afterBreak }) => afterBreak)).toHaveLength(1);
    expect(heard.of('p2')[0].startNanos).toBe(T0 + 500_000_000n);
    expect(tally.drops).toEqual({});
    await feed.stop();
  });

  test('of a pole that a process stands by for from its start on are kept as well', async () => {
    const { feed, heard, settled } = await listen(
      [pole('p1'), pole('p2')],
      {},
      { poles: ['p1'], standby: ['p2'] },
    );
    for (let k = 0; k < 5; k++) poles.publish('audio.port.p2', frame(k));
    await settled();
    expect(heard.of('p2')).toHaveLength(0);
    await feed.setPoles({ poles: ['p1', 'p2'], rescued: ['p2'] });
    await expect.poll(() => heard.of('p2').length).toBe(5);
    await feed.stop();
  });

  test('of a pole that was stood by for and is taken over while its process still hears it are not heard twice', async () => {
    const { feed, heard, settled } = await listen([pole('p1'), pole('p2')], { poles: ['p1'] });
    await feed.setPoles({ poles: ['p1'], standby: ['p2'] });
    poles.publish('audio.port.p2', frame(0));
    await settled();
    await feed.setPoles({ poles: ['p1', 'p2'] });
    poles.publish('audio.port.p2', frame(1));
    await settled();
    expect(heard.of('p2').map(({ startNanos }) => startNanos)).toEqual([T0 + 100_000_000n]);
    await feed.stop();
  });

  test('go on when the listener fails at one of them', async () => {
    const { feed, heard, log, settled } = await listen([pole('p1')]);
    const onBlock = heard.onBlock.bind(heard);
    let calls = 0;
    heard.onBlock = (name, block) => {
      if (calls++ === 0) throw new Error('out of order');
      onBlock(name, block);
    };
    for (let k = 0; k < 3; k++) poles.publish('audio.port.p1', frame(k));
    await settled();
    expect(heard.of('p1')).toHaveLength(2);
    expect(log).toEqual(['sound of pole p1 was lost: Error: out of order']);
    await feed.stop();
  });

  test('come again after NATS was killed and came back', async () => {
    const { feed, heard, settled } = await listen([pole('p1')]);
    poles.publish('audio.port.p1', frame(0));
    await settled();
    await server.kill();
    await server.restart();
    for (let back = false; !back;) {
      back = await settled().then(
        () => true,
        () => new Promise((resolve) => setTimeout(() => resolve(false), 50)),
      );
    }
    poles.publish('audio.port.p1', frame(1));
    await settled();
    expect(heard.of('p1')).toHaveLength(2);
    await feed.stop();
  });
});

describe('frames of a pole with a key', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url').toString('base64');
  const signed = [pole('p1', { publicKey: raw }), pole('p2')];

  function publish(payload: Uint8Array, key: KeyObject = privateKey, subject = 'audio.port.p1'): void {
    const header = headers();
    const covered = Buffer.concat([Buffer.from(subject), Buffer.of(0), payload]);
    header.set('Clameur-Signature', sign(null, covered, key).toString('base64'));
    poles.publish('audio.port.p1', payload, { headers: header });
  }

  test('are heard where their signature holds, and refused where it does not', async () => {
    const { feed, heard, tally, settled } = await listen(signed);
    publish(frame(0));
    publish(frame(1), generateKeyPairSync('ed25519').privateKey);
    publish(frame(1), privateKey, 'audio.port.p2');
    poles.publish('audio.port.p1', frame(1));
    poles.publish('audio.port.p2', frame(1));
    await settled();
    expect(tally.drops).toEqual({ bad_signature: 3 });
    expect([heard.of('p1').length, heard.of('p2').length]).toEqual([1, 1]);
    await feed.stop();
  });

  test('are refused when sent again, at once or much later, with newer ones or after a restart', async () => {
    const { feed, heard, tally, clock, settled } = await listen(signed);
    publish(frame(0));
    publish(frame(1));
    for (let again = 0; again < 6; again++) publish(frame(0));
    await settled();
    expect(tally.drops).toEqual({ replayed: 6 });
    await feed.stop();
    const later = await listen(signed, { nowNanos: () => clock.nanos + 3_600_000_000_000n });
    publish(frame(1));
    await later.settled();
    expect(later.tally.drops).toEqual({ stale: 1 });
    expect(heard.of('p1')).toHaveLength(2);
    await later.feed.stop();
  });

  test('are refused by a service that has just started, where they were signed before it', async () => {
    const first = await listen(signed);
    publish(frame(0));
    await first.settled();
    expect(first.heard.of('p1')).toHaveLength(1);
    await first.feed.stop();
    const { clock } = first;
    const restarted = await listen(signed, { nowNanos: () => clock.nanos + 60_000_000_000n });
    publish(frame(0));
    await restarted.settled();
    expect(restarted.tally.drops).toEqual({ stale: 1 });
    await restarted.feed.stop();
  });

  test('are taken by the old key and the new while both stand in the site, so that keys can be changed', async () => {
    const next = generateKeyPairSync('ed25519');
    const raws = [publicKey, next.publicKey].map((key) =>
      Buffer.from(key.export({ format: 'jwk' }).x!, 'base64url').toString('base64'),
    );
    const { feed, heard, tally, settled } = await listen([pole('p1', { publicKey: raws })]);
    publish(frame(0));
    publish(frame(1), next.privateKey);
    publish(frame(2), generateKeyPairSync('ed25519').privateKey);
    await settled();
    expect(heard.of('p1')).toHaveLength(2);
    expect(tally.drops).toEqual({ bad_signature: 1 });
    await feed.stop();
  });

  test('are taken with the key as SPKI too, and a key that is none names its pole', async () => {
    const spki = publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
    const { feed, heard, settled } = await listen([pole('p1', { publicKey: spki })]);
    publish(frame(0));
    await settled();
    expect(heard.of('p1')).toHaveLength(1);
    await feed.stop();
    await expect(listen([pole('p1', { publicKey: 'c2hvcnQ=' })])).rejects.toThrow(
      /publicKey of pole "p1" is not base64 of an Ed25519 public key/,
    );
  });
});
