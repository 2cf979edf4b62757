import { describe, expect, inject, test } from 'vitest';
import { Fetching, ffmpegsOf, toneOf } from './fetching.js';
import { freeRtpPort, sendTone, startIcecast, startRtspServer } from './servers.js';

const missing = inject('missing');

describe.skipIf(missing.rtsp !== undefined)('RTSP from a real server', () => {
  test.each([
    ['tcp', 'rtpL16pay name=pay0', 16_000],
    ['udp', 'rtpL16pay name=pay0', 16_000],
    ['tcp', 'rtpL24pay name=pay0', 48_000],
    ['udp', 'mulawenc ! rtppcmupay name=pay0', 8_000],
    ['tcp', 'alawenc ! rtppcmapay name=pay0', 8_000],
    ['tcp', 'opusenc ! rtpopuspay name=pay0', 48_000],
  ] as const)(
    'over %s, %s at %i Hz, is continuous sound with its ticks a second apart',
    async (transport, payloader, rate) => {
      const server = await startRtspServer(payloader, rate);
      const fetching = await Fetching.start({ p1: { url: server.url, transport } });
      await fetching.more('p1', 3.5);
      await fetching.feed.stop();
      await server.kill();
      const sound = fetching.heard.samplesOf('p1');
      const ticks = ticksIn(sound);
      expect(ticks.length).toBeGreaterThanOrEqual(3);
      for (let i = 1; i < ticks.length; i++) {
        // Whole seconds apart to a quarter of a millisecond: no sample was lost or made.
        expect(Math.abs(ticks[i] - ticks[i - 1] - 16_000)).toBeLessThanOrEqual(4);
      }
      expect(fetching.tally.drops).toEqual({});
      expect(fetching.heard.of('p1').filter(({ afterBreak }) => afterBreak)).toHaveLength(1);
      expect(fetching.heard.told.slice(0, 2)).toEqual(['p1 waiting', 'p1 live']);
      expect(ffmpegsOf()).toEqual([]);
    },
  );
});

test.skipIf(missing.rtsp !== undefined).each(['digest', 'basic'])(
  'RTSP that asks for a password by %s gives sound to who has it, and the reason to who has not',
  async (method) => {
    const server = await startRtspServer('rtpL16pay name=pay0', 16_000, { auth: `${method}:s3cret` });
    const as = (who: string) => ({ url: server.url.replace('rtsp://', `rtsp://${who}@`) });
    const fetching = await Fetching.start({ right: as('pole:s3cret'), wrong: as('pole:n0t-this') });
    await fetching.more('right', 1);
    await fetching.told(/^wrong failed: .*DESCRIBE is answered 401 Unauthorized/);
    await fetching.feed.stop();
    await server.kill();
    expect(fetching.secondsOf('wrong')).toBe(0);
    expect([...fetching.log, ...fetching.heard.told].join()).not.toMatch(/s3cret|n0t-this/);
  },
);

describe.skipIf(missing.ffmpeg !== undefined)('RTP by an SDP, sent by ffmpeg', () => {
  test.each([
    ['L16', '97 L16/44100/2', 'pcm_s16be', 44_100, 2],
    ['L24', '97 L24/48000/1', 'pcm_s24be', 48_000, 1],
    ['G.711 µ-law', '0 PCMU/8000', 'pcm_mulaw', 8_000, 1],
    ['G.711 A-law', '8 PCMA/8000', 'pcm_alaw', 8_000, 1],
    ['Opus', '97 opus/48000/2', 'libopus', 48_000, 2],
  ] as const)('%s is heard', async (_name, map, codec, rateHz, channels) => {
    const port = await freeRtpPort();
    const [type] = map.split(' ');
    const sdp = `v=0\no=- 0 0 IN IP4 127.0.0.1\ns=pole\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio ${port} RTP/AVP ${type}\na=rtpmap:${map}\n`;
    const fetching = await Fetching.start({ p1: { url: sdp } });
    const rtp = ['-c:a', codec, '-payload_type', type, '-f', 'rtp', `rtp://127.0.0.1:${port}`];
    const sender = sendTone(rtp, { rateHz, channels });
    await fetching.more('p1', 2);
    await fetching.feed.stop();
    await sender.kill();
    const sound = fetching.heard.samplesOf('p1');
    expect(Math.abs(toneOf(sound.slice(-16_000)) - 440)).toBeLessThanOrEqual(2);
    expect(ffmpegsOf()).toEqual([]);
  });
});

describe.skipIf(missing.icecast !== undefined)('Icecast', () => {
  test('is heard at its live edge, not from the old sound that it sends first', async () => {
    const icecast = await startIcecast();
    const mp3 = ['-c:a', 'libmp3lame', '-b:a', '64k', '-content_type', 'audio/mpeg', '-f', 'mp3'];
    const source = sendTone([...mp3, `${icecast.sourceUrl}/pole.mp3`], { rateHz: 44_100 });
    // Let Icecast gather what it will burst.
    const early = await Fetching.start({ p1: { url: `${icecast.url}/pole.mp3` } });
    await early.more('p1', 5);
    const late = await Fetching.start({ p1: { url: `${icecast.url}/pole.mp3` } });
    await late.more('p1', 2);
    await early.feed.stop();
    await late.feed.stop();
    await source.kill();
    await icecast.close();
    expect(Math.abs(toneOf(late.heard.samplesOf('p1').slice(-16_000)) - 440)).toBeLessThanOrEqual(2);
    expect(late.tally.drops).toEqual({});
    const blocks = late.heard.of('p1');
    expect(blocks.filter(({ afterBreak }) => afterBreak)).toHaveLength(1);
    const behind = Number(BigInt(Date.now()) * 1_000_000n - blocks.at(-1)!.startNanos) / 1e9;
    expect(behind).toBeGreaterThan(0);
  });
});

/** Where each tick begins: first loud sample after a silence of half a second. */
function ticksIn(samples: Float32Array): number[] {
  const ticks: number[] = [];
  let last = -Infinity;
  samples.forEach((sample, i) => {
    if (Math.abs(sample) < 0.1) return;
    if (i - last > 8_000) ticks.push(i);
    last = i;
  });
  // A tick that the stream begins within is none.
  return ticks.filter((at) => at > 200);
}
