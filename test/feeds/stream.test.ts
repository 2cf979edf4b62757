import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeFrame, secondsBetween, type Frame } from '../../src/audio/index.js';
import { StreamFeed, shownSource } from '../../src/feeds/index.js';
import { ArrivalClock } from '../../src/feeds/stream/arrival-clock.js';
import { AuReader } from '../../src/feeds/stream/au-reader.js';
import { Backoff } from '../../src/feeds/stream/backoff.js';
import { CaptureClock } from '../../src/feeds/stream/capture-clock.js';
import { directArguments, relayedArguments } from '../../src/feeds/stream/ffmpeg.js';
import { Framer } from '../../src/feeds/stream/framer.js';
import { LiveEdge } from '../../src/feeds/stream/live-edge.js';
import { PacketReader, type SoundPacket } from '../../src/feeds/stream/packets.js';
import { readSenderReport, Unwrapper } from '../../src/feeds/stream/rtp.js';
import { authorization } from '../../src/feeds/stream/rtsp-auth.js';
import { controlUri } from '../../src/feeds/stream/rtsp-client.js';
import { loopbackSdp, parseSdp } from '../../src/feeds/stream/sdp.js';
import { kindOf, withoutStreamSecrets } from '../../src/feeds/stream/source.js';
import { PoleFeed } from '../../src/feeds/pole-feed.js';
import { StreamTally, pole } from '../streams/fetching.js';

const T0 = 1_777_672_845_000_000_000n;
const at = (seconds: number): bigint => T0 + BigInt(Math.round(seconds * 1e9));

describe('the source of a stream', () => {
  test.each([
    ['rtsp://camera/live', 'rtsp'],
    ['RTSPS://camera/live', 'rtsp'],
    ['https://icecast:8000/pole.mp3', 'http'],
    ['poles/quai.sdp', 'sdp_file'],
    ['v=0\r\no=- 0 0 IN IP4 127.0.0.1', 'sdp_text'],
    ['ftp://camera/live', undefined],
    ['file:///etc/passwd', undefined],
    ['/etc/passwd', undefined],
    ['concat:a.sdp', undefined],
  ])('%s is %s', (url, kind) => {
    if (kind === undefined) expect(kindOf(url) ?? 'none').not.toMatch(/rtsp|http|text/);
    else expect(kindOf(url)).toBe(kind);
  });

  test('is shown without its user, password and query', () => {
    const url = 'rtsp://admin:s3cr%40t@10.0.0.7:554/live?token=abcdef';
    expect(shownSource({ url })).toBe('rtsp://10.0.0.7:554/live');
    const said = `[tcp] ${url}: Connection refused; 401 for admin with s3cr@t, s3cr%40t and token=abcdef; http://x:y@z/`;
    expect(withoutStreamSecrets(said, { url })).toBe(
      '[tcp] rtsp://10.0.0.7:554/live: Connection refused; 401 for *** with ***, *** and ***; http://***@z/',
    );
  });

  test('lets ffmpeg open the network and no files', () => {
    const lines = [
      directArguments({ url: 'rtsps://camera/live', transport: 'udp' }),
      directArguments({ url: 'http://camera/live', transport: 'tcp' }),
      relayedArguments(),
    ];
    for (const args of lines) {
      const allowed = args[args.indexOf('-protocol_whitelist') + 1].split(',');
      expect(allowed).not.toContain('file');
      expect(args.indexOf('-protocol_whitelist')).toBeLessThan(args.indexOf('-i'));
      expect(args).toEqual(expect.arrayContaining(['-vn', '-nostdin']));
    }
    expect(lines[0].join(' ')).toContain('-rtsp_transport udp');
  });
});

describe('a stream’s configuration', () => {
  const feed = (site: Parameters<typeof pole>[1], name = 'p1', twice = false): StreamFeed => {
    const source = { pole: name, url: 'rtsp://camera/live', transport: 'tcp' as const };
    return new StreamFeed({
      site: { site: 'port', poles: [pole('p1', site)] },
      sources: twice ? [source, source] : [source],
      counters: new StreamTally(),
      log: { warn() {} },
    });
  };

  test('that names a pole which cannot have one is refused, with the pole', () => {
    expect(() => feed({}, 'ghost')).toThrow(/pole "ghost" is not in site "port"/);
    expect(() => feed({ recorded: false })).toThrow(/pole "p1" is not recorded in site/);
    expect(() => feed({}, 'p1', true)).toThrow(/pole "p1" has two streams/);
    expect(() => feed({ publicKey: 'AAAA' })).toThrow(/pole "p1" has a publicKey/);
  });

  test('needs ffmpeg, and says which package has it', () => {
    const path = process.env['PATH'];
    process.env['PATH'] = '/nowhere';
    try {
      expect(() => feed({})).toThrow(/p1 have streams.*ENOENT.*apt-get install ffmpeg/);
    } finally {
      process.env['PATH'] = path;
    }
  });
});

test('waits grow from a quarter of a second to 30 s, differ by chance, and begin anew after a good connection', () => {
  const longest = new Backoff(30, () => 1);
  const waits = Array.from({ length: 9 }, () => longest.nextSeconds(0));
  expect(waits).toEqual([0.5, 1, 2, 4, 8, 16, 30, 30, 30]);
  expect(longest.nextSeconds(9)).toBe(30);
  expect(longest.nextSeconds(3600)).toBe(0.5);
  expect(new Backoff(30, () => 0).nextSeconds(0)).toBe(0.25);
});

describe('what ffmpeg writes', () => {
  const list =
    '#software: Lavf59\n#tb 0: 1/8000\n#media_type 0: audio\n#codec_id 0: pcm_f32le\n#sample_rate 0: 8000\n#channel_layout_name 0: stereo\n' +
    '0,          0,          0,        2,       16, 0x1\n0,          2,          6,        1,        8, 0x2\n';
  const sound = Buffer.from(Float32Array.of(0.1, 0.2, 0.3, 0.4, 0.5, 0.6).buffer);

  test('is the same packets, however the two pipes are cut and mixed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(40), { maxLength: 20 }),
        fc.array(fc.nat(12), { maxLength: 20 }),
        fc.array(fc.boolean(), { minLength: 60, maxLength: 60 }),
        (listCuts, soundCuts, turns) => {
          const packets: SoundPacket[] = [];
          const reader = new PacketReader((packet) => packets.push(packet));
          const lines = pieces(list.length, listCuts).map(([a, b]) => list.slice(a, b));
          const chunks = pieces(sound.length, soundCuts).map(([a, b]) => Buffer.from(sound.subarray(a, b)));
          for (let i = 0; lines.length + chunks.length > 0; i++) {
            const line = turns[i % turns.length] || chunks.length === 0 ? lines.shift() : undefined;
            if (line !== undefined) reader.list(line);
            else if (chunks.length > 0) reader.sound(chunks.shift()!);
          }
          expect(packets).toEqual([
            {
              mediaSeconds: 0,
              sampleRateHz: 8000,
              channels: 2,
              samples: Float32Array.of(0.1, 0.2, 0.3, 0.4),
            },
            { mediaSeconds: 6 / 8000, sampleRateHz: 8000, channels: 2, samples: Float32Array.of(0.5, 0.6) },
          ]);
        },
      ),
    );
  });

  test('is refused where it is no such list', () => {
    const reader = new PacketReader(() => {});
    expect(() => reader.list('hello\n')).toThrow(/not a list of packets/);
  });
});

test('ffmpeg’s .au of a stream whose own times mean nothing is the same sound, however it is cut', () => {
  const header = Buffer.alloc(28);
  [0x2e736e64, 28, 0xffffffff, 6, 44_100, 2].forEach((value, i) => header.writeUInt32BE(value, i * 4));
  const floats = Buffer.from(Float32Array.from({ length: 20 }, (_, i) => i / 32).buffer).swap32();
  fc.assert(
    fc.property(fc.array(fc.nat(107), { maxLength: 30 }), (cuts) => {
      const heard: number[] = [];
      const file = Buffer.concat([header, floats]);
      const reader = new AuReader(({ mediaSeconds, sampleRateHz, channels, samples }) => {
        expect([sampleRateHz, channels]).toEqual([44_100, 2]);
        expect(mediaSeconds).toBeCloseTo(heard.length / 2 / 44_100, 12);
        heard.push(...samples);
      });
      for (const [a, b] of pieces(file.length, cuts)) reader.sound(Buffer.from(file.subarray(a, b)));
      expect(heard).toEqual(Array.from({ length: 20 }, (_, i) => i / 32));
    }),
  );
  expect(() => new AuReader(() => {}).sound(Buffer.alloc(64, 1))).toThrow(/not the .au/);
});

describe('the clock of a stream that tells no time', () => {
  /** Packets of 20 ms, each late by its own time; gives the stamps. */
  function stamps(lateness: (k: number) => number, count: number, speed = 1) {
    const clock = new ArrivalClock();
    let sets = 0;
    const times = Array.from({ length: count }, (_, k) => {
      if (clock.arrived((k + 1) * 0.02, at((k + 1) * 0.02 * speed + lateness(k)))) sets++;
      return secondsBetween(T0, clock.nanosOf(k * 0.02));
    });
    return { times, sets };
  }

  test('holds to the packets that come promptly, and never jumps', () => {
    const { times, sets } = stamps((k) => (k % 7 === 0 ? 0.005 : 0.03 + (k % 5) * 0.02), 1500);
    expect(sets).toBe(1);
    for (let k = 1; k < times.length; k++)
      expect(Math.abs(times[k] - times[k - 1] - 0.02)).toBeLessThan(0.0025);
    const last = times.length - 1;
    expect(Math.abs(times[last] - (last * 0.02 + 0.005))).toBeLessThan(0.004);
  });

  test('follows a sender whose clock is 100 ppm fast or slow', () => {
    for (const speed of [1.0001, 0.9999]) {
      const { times, sets } = stamps(() => 0.01, 50_000, speed);
      expect(sets).toBe(1);
      expect(Math.abs(times.at(-1)! - (49_999 * 0.02 * speed + 0.01))).toBeLessThan(0.01);
    }
  });

  test.each([0.01, 0.026, 0.07, 0.1, 0.15, 0.37])(
    'turns so little that packets of %f s, promptest last, are heard without a break',
    (packetSeconds) => {
      const [clock, framer, tally] = [new ArrivalClock(), new Framer(), new StreamTally()];
      const heard = new PoleFeed(pole('p1'), {
        counters: tally,
        monotonicSeconds: () => 0,
        nowNanos: () => T0,
        onState: () => {},
      });
      const length = Math.round(packetSeconds * 16_000);
      let breaks = 0;
      for (let k = 0; k * packetSeconds < 10; k++) {
        const mediaSeconds = (k * length) / 16_000;
        const end = mediaSeconds + length / 16_000;
        clock.arrived(end, at(end + 0.9 * (1 - mediaSeconds / 10)));
        const samples = new Float32Array(length).fill(0.1);
        const frames = framer.add({ mediaSeconds, sampleRateHz: 16_000, channels: 1, samples }, (from) => ({
          startNanos: clock.nanosOf(from),
        }));
        for (const frame of frames)
          breaks += heard.accept('', frame, undefined).filter(({ afterBreak }) => afterBreak).length;
      }
      expect(breaks).toBe(1);
      expect(tally.events).toEqual({});
      expect(secondsBetween(at(10), clock.nanosOf(10))).toBeLessThan(0.2);
    },
  );

  test('stands through a stall whose sound comes later, and is set anew where it is lost', () => {
    expect(stamps((k) => (k > 200 && k < 300 ? (300 - k) * 0.02 : 0), 2000).sets).toBe(1);
    expect(stamps((k) => (k > 500 ? 3 : 0), 3000).sets).toBe(2);
  });
});

describe('old sound that a server sends first', () => {
  test('is not taken for live', () => {
    const edge = new LiveEdge();
    let taken = 0;
    // Four seconds in a tenth of a second, then 20 ms each 20 ms.
    for (let k = 0; k < 200; k++) taken += Number(edge.isLive(k * 0.0005, 0.02));
    expect(taken).toBe(0);
    for (let k = 0; k < 100; k++) taken += Number(edge.isLive(0.1 + k * 0.02, 0.02));
    expect(taken).toBeGreaterThan(40);
  });

  test('is given up on after 5 s: what always comes fast is judged elsewhere', () => {
    const edge = new LiveEdge();
    expect(edge.isLive(0, 1)).toBe(false);
    for (let k = 1; k < 50; k++) edge.isLive(k * 0.1, 1);
    expect(edge.isLive(5.4, 1)).toBe(true);
  });
});

test('an SDP is read for its first audio: codec, ports, group, senders, clocks; what is missing is named', () => {
  const sdp = [
    'v=0',
    'o=- 1 1 IN IP4 10.0.0.7',
    's=x',
    'c=IN IP4 239.1.2.3/32',
    't=0 0',
    'a=ts-refclk:ptp=IEEE1588-2008:39-A7-94-FF-FE-07-CB-D0:0',
    'm=video 5000 RTP/AVP 96',
    'm=audio 5004 RTP/AVP 98 97',
    'a=rtpmap:97 L16/48000/2',
    'a=rtpmap:98 L24/48000/8',
    'a=fmtp:98 channel-order=SMPTE2110.(U08)',
    'a=source-filter: incl IN IP4 239.1.2.3 10.0.0.7',
    'a=mediaclk:direct=963214424',
    'a=control:trackID=2',
  ].join('\r\n');
  const media = parseSdp(sdp);
  expect(media).toEqual({
    port: 5004,
    rtcpPort: 5005,
    address: '239.1.2.3',
    senders: ['10.0.0.7'],
    payloadType: 98,
    codec: 'L24',
    clockRateHz: 48_000,
    codecLines: ['a=rtpmap:98 L24/48000/8', 'a=fmtp:98 channel-order=SMPTE2110.(U08)'],
    control: 'trackID=2',
    referenceClock: 'ptp=IEEE1588-2008:39-A7-94-FF-FE-07-CB-D0:0',
    mediaClock: 'direct=963214424',
  });
  expect(loopbackSdp(media, 6000)).toContain(
    'm=audio 6000 RTP/AVP 98\r\na=rtpmap:98 L24/48000/8\r\na=fmtp:98',
  );
  expect(parseSdp('v=0\nm=audio 5004 RTP/AVP 0\n')).toMatchObject({ codec: 'PCMU', clockRateHz: 8000 });
  expect(() => parseSdp('v=0\nm=video 1 RTP/AVP 96\n')).toThrow(/has no audio/);
  expect(() => parseSdp('v=0\nm=audio 1 RTP/AVP 96\n')).toThrow(/does not say what payload type 96 is/);
  expect(controlUri('rtsp://c/live', 'trackID=2')).toBe('rtsp://c/live/trackID=2');
  expect(controlUri('rtsp://c/live/', 'rtsp://c/other')).toBe('rtsp://c/other');
});

test('a password is proven as RFC 2617 shows it, and Digest is taken before Basic', () => {
  const digest =
    'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"';
  const who = { user: 'Mufasa', password: 'Circle Of Life' };
  const proof = authorization(['Basic realm="x"', digest], who, 'GET', '/dir/index.html', '0a4f113b');
  expect(proof).toContain('response="6629fae49393a05397450978507c4ef1"');
  expect(proof).toContain('username="Mufasa"');
  expect(authorization(['Basic realm="x"'], { user: 'Aladdin', password: 'open sesame' }, 'GET', '/')).toBe(
    'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==',
  );
  expect(authorization(['Bearer'], who, 'GET', '/')).toBeUndefined();
});

test('a sender report is read out of its compound packet, in either era of NTP, and garbage is none', () => {
  const report = Buffer.alloc(28 + 8);
  report.writeUInt32BE(0x80c8_0006, 0);
  report.writeUInt32BE(7, 4);
  report.writeUInt32BE(2_208_988_800, 8);
  report.writeUInt32BE(0x8000_0000, 12);
  report.writeUInt32BE(0xffff_fff0, 16);
  report.writeUInt32BE(0x80ca_0001, 28);
  expect(readSenderReport(report)).toEqual({ ssrc: 7, nanos: 500_000_000n, timestamp: 0xffff_fff0 });
  report.writeUInt32BE(1, 8);
  expect(readSenderReport(report)?.nanos).toBe((2n ** 32n + 1n - 2_208_988_800n) * 10n ** 9n + 500_000_000n);
  report.fill(0, 8, 16);
  expect(readSenderReport(report)).toBeUndefined();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => void readSenderReport(Buffer.from(bytes))),
  );
  const unwrap = new Unwrapper();
  expect([0xffff_fff0, 0x10, 0xffff_ffff, 0x20].map((one) => unwrap.next(one))).toEqual([
    4_294_967_280, 4_294_967_312, 4_294_967_295, 4_294_967_328,
  ]);
});

describe('the capture clock of a sender', () => {
  const media = { clockRateHz: 16_000, codec: 'L16' };
  /** Packets of 10 ms that come `latency` after their last sample, reports each second that take `way`. */
  function clockOf({ latency = 0.005, way = 0.002, ahead = 0, codec = 'L16', roundTrip = 0, seconds = 10 }) {
    const clock = new CaptureClock({ ...media, codec });
    clock.roundTripSeconds = roundTrip;
    for (let k = 0; k < seconds * 100; k++) {
      if (k % 100 === 50) clock.report(k * 160, at(k * 0.01 + ahead), at(k * 0.01 + way));
      clock.packet(k * 160, at(k * 0.01 + 0.01 + latency));
    }
    return clock;
  }

  test.each([
    ['prompt reports bound its error by their way', {}, 0.002],
    ['a clock that is ahead is doubted by as much', { ahead: 0.03, latency: 0.05 }, 0.028],
    ['a way that may hide an error counts whole', { roundTrip: 0.04 }, 0.038],
    ['never better than a millisecond', { way: 0 }, 0.001],
    ['a codec that delays adds its delay', { codec: 'MPEG4-GENERIC' }, Math.hypot(0.002, 0.05)],
  ])('%s', (_name, sender, uncertainty) => {
    const time = clockOf(sender).timeOf(16_000 * 5)!;
    expect(time.clockUncertaintySeconds).toBeCloseTo(uncertainty, 6);
    expect(secondsBetween(at(5 + ((sender as { ahead?: number }).ahead ?? 0)), time.startNanos)).toBeCloseTo(
      0,
      6,
    );
  });

  test.each([
    ['without reports', { seconds: 0.4 }, /has told no time yet/],
    ['whose clock is seconds off', { ahead: 3 }, /differ by -2.998 s/],
    ['whose packets come before their last sample', { latency: -0.009 }, /when it sends, not when it hears/],
  ])('a sender %s has no time that counts, and it is said why', (_name, sender, why) => {
    const clock = clockOf(sender);
    expect(clock.timeOf(80_000)).toBeUndefined();
    expect(clock.doubt).toMatch(why);
  });

  test('a clock that is set is another time scale', () => {
    const clock = clockOf({});
    const before = clock.settings;
    clock.report(160_000, at(10.5), at(10.502));
    expect(clock.settings).toBe(before + 1);
  });
});

describe('packets', () => {
  const packet = (mediaSeconds: number, seconds: number, rate = 8000, channels = 1): SoundPacket => ({
    mediaSeconds,
    sampleRateHz: rate,
    channels,
    samples: Float32Array.from({ length: seconds * rate * channels }, (_, i) => (i % channels) / 8 + 0.125),
  });
  const frames = (...packets: SoundPacket[]): Frame[] => {
    const framer = new Framer();
    return packets.flatMap((one) =>
      framer.add(one, (media) => ({ startNanos: at(media) })).map((bytes) => decodeFrame(bytes) as Frame),
    );
  };

  test('become frames of 100 ms, their times unknown to a receiver', () => {
    const made = frames(...Array.from({ length: 11 }, (_, k) => packet(k * 0.03, 0.03)));
    expect(made.map(({ startNanos }) => startNanos)).toEqual([at(0), at(0.1), at(0.2)]);
    expect(made.map(({ discontinuity }) => discontinuity)).toEqual([true, false, false]);
    expect(made[0]).toMatchObject({ sampleRateHz: 8000, channels: 1, samplesPerChannel: 800 });
    expect(made[0].clockUncertaintySeconds).toBeUndefined();
  });

  test('that are missing between others are told as a frame missing, at the right time', () => {
    const made = frames(packet(0, 0.15), packet(0.19, 0.15));
    expect(made.map(({ sequence }) => sequence)).toEqual([1, 2, 4]);
    expect(made.map(({ startNanos }) => startNanos)).toEqual([at(0), at(0.1), at(0.19)]);
  });

  test('of another rate or number of channels begin a frame of their own, after a break', () => {
    const made = frames(packet(0, 0.15), packet(0.15, 0.1, 16_000), packet(0.25, 0.1, 16_000, 2));
    expect(made.map(({ sampleRateHz, channels }) => `${sampleRateHz} ${channels}`)).toEqual([
      '8000 1',
      '8000 1',
      '16000 1',
      '16000 2',
    ]);
    expect(made.map(({ discontinuity }) => discontinuity)).toEqual([true, false, true, true]);
    expect([...(made[3].pcm as Float32Array).slice(0, 4)]).toEqual([0.125, 0.25, 0.125, 0.25]);
  });
});

function pieces(length: number, cuts: readonly number[]): Array<[number, number]> {
  const at = [...new Set([0, ...cuts.filter((cut) => cut < length), length])].sort((a, b) => a - b);
  return at.slice(1).map((end, i) => [at[i], end]);
}
