import { describe, expect, inject, test } from 'vitest';
import { secondsBetween, secondsToNanos } from '../../src/audio/index.js';
import type { SoundBlock } from '../../src/feeds/index.js';
import { waitFor } from '../support/service.js';
import { Fetching } from './fetching.js';
import { startRtpSender } from './rtp-sender.js';
import { freeRtpPort, startRtspServer } from './servers.js';

const missing = inject('missing');
/** PTP counts atomic time. */
const TAI_SECONDS = 37;

describe.skipIf(missing.rtsp !== undefined)(
  'sender reports of a real RTSP server that tell when it captured',
  () => {
    test.each([
      ['tcp', 'rtpL16pay name=pay0', 16_000],
      ['udp', 'rtpL16pay name=pay0', 44_100],
      ['udp', 'rtpL24pay name=pay0', 48_000],
      ['tcp', 'mulawenc ! rtppcmupay name=pay0', 8_000],
      ['tcp', 'opusenc ! rtpopuspay name=pay0', 48_000],
    ] as const)(
      'over %s, %s at %i Hz, give the time of its sound within what is said',
      async (transport, payloader, rate) => {
        const server = await startRtspServer(payloader, rate, { reports: 'captured' });
        const fetching = await Fetching.start({ p1: { url: server.url, transport } });
        await fetching.more('p1', 8);
        await fetching.feed.stop();
        await server.kill();
        const told = secondsToNanos(server.tickSeconds()!);
        const ticks = ticksOf(fetching.heard.of('p1'));
        // The first report may take its time; from then on all is known.
        expect(ticks.length).toBeGreaterThanOrEqual(3);
        for (const { nanos, uncertaintySeconds } of ticks) {
          const since = secondsBetween(told, nanos);
          expect(Math.abs(since - Math.round(since))).toBeLessThanOrEqual(uncertaintySeconds);
          expect(uncertaintySeconds).toBeGreaterThanOrEqual(0.001);
        }
        expect(fetching.tally.drops).toEqual({});
      },
    );
  },
);

test.skipIf(missing.rtsp !== undefined)(
  'sender reports that tell when packets were sent, as GStreamer’s do by default, are seen through, told once and not believed',
  async () => {
    const server = await startRtspServer('rtpL16pay name=pay0', 16_000, { reports: 'sent' });
    const fetching = await Fetching.start({
      tcp: { url: server.url },
      udp: { url: server.url, transport: 'udp' },
    });
    const told = /pole tcp is heard, but not located with: its reports tell when it sends/;
    await waitFor('the reason', () => fetching.log.some((line) => told.test(line)), 60);
    await fetching.more('udp', 1);
    expect(fetching.log.filter((line) => told.test(line))).toHaveLength(1);
    await fetching.feed.stop();
    await server.kill();
    for (const name of ['tcp', 'udp']) expect(ticksOf(fetching.heard.of(name))).toEqual([]);
  },
);

describe.skipIf(missing.ffmpeg !== undefined)('RTP by an SDP', () => {
  const heard = async (more: Parameters<typeof startRtpSender>[1]): Promise<Fetching> => {
    const sender = startRtpSender(await freeRtpPort(), more);
    const fetching = await Fetching.start({ p1: { url: sender.sdp } });
    await fetching.more('p1', 5);
    await fetching.feed.stop();
    sender.stop();
    return fetching;
  };
  const expectWholeSeconds = (ticks: ReturnType<typeof ticksOf>): void => {
    expect(ticks.length).toBeGreaterThanOrEqual(2);
    for (const { nanos } of ticks)
      expect(Number((nanos + 500_000_000n) % 1_000_000_000n) / 1e9 - 0.5).toBeCloseTo(0, 3);
  };

  test('has the capture time of its sender reports to half a millisecond', async () => {
    expectWholeSeconds(ticksOf((await heard({})).heard.of('p1')));
  });

  test('says how far its sender’s clock is off, and of one that is far off that nothing is known', async () => {
    const slow = await heard({ clockErrorSeconds: -0.06 });
    const ticks = ticksOf(slow.heard.of('p1'));
    expectWholeSeconds(ticks);
    for (const { uncertaintySeconds } of ticks) expect(uncertaintySeconds).toBeGreaterThan(0.0599);
    const wrong = await heard({ clockErrorSeconds: -3600 });
    expect(ticksOf(wrong.heard.of('p1'))).toEqual([]);
    expect(wrong.secondsOf('p1')).toBeGreaterThan(4);
  });

  test('without reports has no capture time', async () => {
    expect(ticksOf((await heard({ reports: false })).heard.of('p1'))).toEqual([]);
  });

  test('without reports, but with a reference clock in its SDP, has that clock’s time', async () => {
    const rateHz = 48_000;
    const offset = 123_456_789;
    const { heard: listening } = await heard({
      rateHz,
      reports: false,
      attributes: ['a=ts-refclk:ptp=IEEE1588-2008:traceable', `a=mediaclk:direct=${offset}`],
      timestampAt: (utc) =>
        Number((BigInt(Math.round((utc + TAI_SECONDS) * 100)) * 480n + BigInt(offset)) % 2n ** 32n),
    });
    const ticks = ticksOf(listening.of('p1'));
    expectWholeSeconds(ticks);
    for (const { uncertaintySeconds } of ticks) expect(uncertaintySeconds).toBe(0.001);
  });
});

/** UTC of each tick whose time is known, by its block. */
function ticksOf(blocks: readonly SoundBlock[]): Array<{ nanos: bigint; uncertaintySeconds: number }> {
  const found: Array<{ nanos: bigint; uncertaintySeconds: number }> = [];
  let quiet = 0;
  for (const { startNanos, samples, clockUncertaintySeconds, afterBreak } of blocks) {
    if (afterBreak) quiet = 0;
    samples.forEach((sample, i) => {
      if (Math.abs(sample) < 0.1) return void quiet++;
      if (quiet > 8_000 && clockUncertaintySeconds !== undefined)
        found.push({ nanos: startNanos + BigInt(i) * 62_500n, uncertaintySeconds: clockUncertaintySeconds });
      quiet = 0;
    });
  }
  return found;
}
