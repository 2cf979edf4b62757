import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer as createHttpServer, type ServerResponse } from 'node:http';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, describe, expect, inject, test } from 'vitest';
import { waitFor } from '../support/service.js';
import { Fetching, ffmpegsOf, toneOf } from './fetching.js';
import { freeRtpPort, freeTcpPort, sendTone, startRtspServer, type Program } from './servers.js';

const missing = inject('missing');
const cleanups: Array<() => unknown> = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});
const later = <T extends { kill(): unknown }>(program: T): T => {
  cleanups.push(() => program.kill());
  return program;
};

async function fetchAll(streams: ConstructorParameters<typeof Fetching>[0]): Promise<Fetching> {
  const fetching = await Fetching.start(streams);
  cleanups.push(() => fetching.feed.stop());
  return fetching;
}

/** A port that takes connections, reads what they ask and never answers. */
async function mutePort(): Promise<{ port: number; connections(): number }> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    socket.resume();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => {
    sockets.forEach((socket) => socket.destroy());
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, connections: () => connections };
}

const openFiles = (): number => readdirSync('/proc/self/fd').length;

/** A tone of MP3, as much as asked for. */
function mp3(seconds: number, rateHz: number, channels: number, hz: number): Buffer {
  const { stdout } = spawnSync(
    'ffmpeg',
    [
      ...[
        '-nostdin',
        '-loglevel',
        'error',
        '-f',
        'lavfi',
        '-i',
        `sine=frequency=${hz}:sample_rate=${rateHz}`,
      ],
      ...['-t', `${seconds}`, '-ac', `${channels}`, '-c:a', 'libmp3lame', '-b:a', '64k', '-f', 'mp3'],
      ...['-id3v2_version', '0', '-write_xing', '0', 'pipe:1'],
    ],
    { maxBuffer: 1 << 26 },
  );
  return stdout;
}

/** Sends the bytes to one listener at the pace of their sound. */
async function atRealPace(response: ServerResponse, parts: ReadonlyArray<[Buffer, number]>): Promise<void> {
  for (const [bytes, seconds] of parts) {
    const step = Math.ceil(bytes.length / (seconds * 10));
    for (let at = 0; at < bytes.length && !response.destroyed; at += step) {
      response.write(bytes.subarray(at, at + step));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

describe.skipIf(missing.rtsp !== undefined)('beside a good stream', () => {
  test('a dead camera, one that says nothing and one that is no camera fail by name, once, and hurt no other', async () => {
    const server = later(await startRtspServer('rtpL16pay name=pay0', 16_000));
    const mute = await mutePort();
    const filesBefore = openFiles();
    const fetching = await fetchAll({
      good: { url: server.url },
      dead: { url: `rtsp://admin:s3cret@127.0.0.1:${await freeTcpPort()}/live` },
      mute: { url: `rtsp://admin:s3cret@127.0.0.1:${mute.port}/live` },
      muteHttp: { url: `http://127.0.0.1:${mute.port}/live.mp3?key=t0psecret` },
      absent: { url: `${server.url}/nothing-there` },
    });
    await fetching.told(/^dead failed: rtsp:\/\/127\.0\.0\.1:\d+\/live: .*ECONNREFUSED/);
    await fetching.told(/^absent failed: .*404/);
    await fetching.told(/^mute failed: rtsp:.*: no answer to OPTIONS within 10 s/);
    await fetching.told(/^muteHttp failed: http:.*: no sound for 15 s/);
    const restarts = { ...fetching.tally.restarts };
    await fetching.more('good', 8);
    // It is tried again and again, more and more seldom.
    expect(fetching.tally.restarts['dead ended']).toBeGreaterThanOrEqual(restarts['dead ended']);
    expect(fetching.tally.restarts['dead ended']).toBeLessThan(14);
    expect(fetching.tally.restarts['good ended']).toBeUndefined();
    for (const name of ['dead', 'mute', 'muteHttp', 'absent'])
      expect(fetching.heard.told.filter((one) => one.startsWith(`${name} `))).toHaveLength(2);
    expect(fetching.heard.told.filter((one) => one.startsWith('good '))).toEqual([
      'good waiting',
      'good live',
    ]);
    expect(fetching.heard.of('good').filter(({ afterBreak }) => afterBreak)).toHaveLength(1);
    expect([...fetching.log, ...fetching.heard.told].join('\n')).not.toMatch(/s3cret|t0psecret|admin/);
    // One process a stream that is being tried, never more; none after the end.
    expect(ffmpegsOf().length).toBeLessThanOrEqual(5);
    await fetching.feed.stop();
    expect(ffmpegsOf()).toEqual([]);
    await waitFor('all pipes to be closed', () => openFiles() <= filesBefore);
  });

  test('a server that is killed and comes back is fetched anew, with another codec and rate too', async () => {
    let server = await startRtspServer('rtpL16pay name=pay0', 16_000);
    const other = later(await startRtspServer('rtpL16pay name=pay0', 16_000));
    const fetching = await fetchAll({ p1: { url: server.url }, p2: { url: other.url } });
    const { port } = server;
    for (const [payloader, rate] of [
      ['alawenc ! rtppcmapay name=pay0', 8_000],
      ['opusenc ! rtpopuspay name=pay0', 48_000],
    ] as const) {
      await fetching.more('p1', 1.5);
      const failures = () => fetching.heard.told.filter((one) => one.startsWith('p1 failed')).length;
      const before = failures();
      await server.kill();
      await waitFor('the loss to be told', () => failures() > before);
      expect(fetching.heard.told.at(-1)).toMatch(
        /^p1 failed: rtsp:.*: the server closed the connection|ECONNRESET|no sound/,
      );
      server = await startRtspServer(payloader, rate, { port });
    }
    await fetching.more('p1', 1.5);
    await server.kill();
    expect(fetching.heard.of('p1').filter(({ afterBreak }) => afterBreak)).toHaveLength(3);
    expect(fetching.heard.of('p2').filter(({ afterBreak }) => afterBreak)).toHaveLength(1);
    expect(fetching.tally.drops).toEqual({});
    expect(ffmpegsOf().length).toBeLessThanOrEqual(2);
  });
});

describe.skipIf(missing.ffmpeg !== undefined)('a stream that changes as it runs', () => {
  test('its rate and channels: goes on in one process, and its sound stays right', async () => {
    const parts: Array<[Buffer, number]> = [
      [mp3(4, 44_100, 2, 500), 4],
      [mp3(4, 22_050, 1, 800), 4],
      [mp3(4, 48_000, 2, 500), 4],
    ];
    const server = createHttpServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'audio/mpeg' });
      void atRealPace(response, parts);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanups.push(() => (server.closeAllConnections(), server.close()));
    const { port } = server.address() as AddressInfo;
    const fetching = await fetchAll({ p1: { url: `http://127.0.0.1:${port}/pole.mp3` } });
    await fetching.more('p1', 9.5);
    expect(fetching.tally).toMatchObject({ drops: {}, events: {}, restarts: {} });
    const sound = fetching.heard.samplesOf('p1');
    const tones = [sound.slice(16_000, 32_000), sound.slice(72_000, 88_000), sound.slice(-16_000)].map(
      toneOf,
    );
    expect(tones.map((tone) => Math.round(tone / 50) * 50)).toEqual([500, 800, 500]);
    expect(ffmpegsOf()).toHaveLength(1);
  });

  test('its codec, under the same SDP: fails, says why, once, and is heard again when it is as described', async () => {
    const rtp = await freeRtpPort();
    const sdp = `v=0\no=- 0 0 IN IP4 127.0.0.1\ns=pole\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio ${rtp} RTP/AVP 0\na=rtpmap:0 PCMU/8000\n`;
    const send = (codec: string, type: string, rateHz: number): Program =>
      sendTone(['-c:a', codec, '-payload_type', type, '-f', 'rtp', `rtp://127.0.0.1:${rtp}`], { rateHz });
    const fetching = await fetchAll({ p1: { url: sdp } });
    const first = send('pcm_mulaw', '0', 8_000);
    await fetching.more('p1', 1);
    await first.kill();
    const wrong = send('libopus', '97', 48_000);
    await fetching.told(/^p1 failed: .*: its packets are of type 97, and it is described as 0/);
    await waitFor('several tries', () => (fetching.tally.restarts['p1 ended'] ?? 0) >= 4);
    expect(fetching.heard.told.filter((one) => one.startsWith('p1 failed'))).toHaveLength(1);
    expect(ffmpegsOf()).toHaveLength(0);
    await wrong.kill();
    later(send('pcm_mulaw', '0', 8_000));
    await fetching.more('p1', 1);
    // One line a pole and minute, whatever ffmpeg has to say.
    expect(fetching.log.length).toBeLessThanOrEqual(1);
    expect(ffmpegsOf()).toHaveLength(1);
  });
});

describe.skipIf(missing.ffmpeg !== undefined)('a service that is killed', () => {
  test('leaves no ffmpeg behind, even one that waits for a server that says nothing', async () => {
    const mute = await mutePort();
    const script = `
      import { startFfmpeg, directArguments } from ${JSON.stringify(new URL('../../dist/feeds/stream/ffmpeg.js', import.meta.url).href)};
      startFfmpeg(directArguments({ url: 'http://127.0.0.1:${mute.port}/live', transport: 'tcp' }));
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' });
    cleanups.push(() => child.kill('SIGKILL'));
    await waitFor('ffmpeg to ask the server', () => mute.connections() > 0);
    const [pid] = ffmpegsOf(child.pid);
    expect(pid).toBeGreaterThan(0);
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    await waitFor('ffmpeg to go too', () => !isRunning(pid));
  });
});

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
