import { describe, expect, test } from 'vitest';
import { encodeFrame } from '../../src/audio/index.js';
import { noFeedCounters } from '../../src/feeds/index.js';
import { PoleFeed } from '../../src/feeds/pole-feed.js';

const SECOND = 1_000_000_000n;
const NOW = 1_790_000_000n * SECOND;
const WEEK = 7n * 86_400n * SECOND;
const FRAMES = 60;

/** A pole that sends 6 s of sound, then goes on at another time; gives the seconds heard before and after, and the last time. */
function jump(toNanos: bigint, discontinuity: boolean): { before: number; after: number; lastNanos: bigint } {
  let seconds = 0;
  const feed = new PoleFeed(
    { pole: 'p', position: [5, 43], altitudeMeters: 0, recorded: true, positionUncertaintyMeters: 1 },
    {
      counters: noFeedCounters,
      monotonicSeconds: () => (seconds += 0.1),
      nowNanos: () => NOW,
      onState: () => undefined,
    },
  );
  const heard = { before: 0, after: 0, lastNanos: 0n };
  for (let k = 0; k < 2 * FRAMES; k++) {
    const late = k >= FRAMES;
    const start = late ? toNanos + BigInt(k - FRAMES) * 100_000_000n : NOW + BigInt(k) * 100_000_000n;
    const frame = encodeFrame({
      encoding: 'int16',
      sampleRateHz: 16_000,
      sequence: k,
      startNanos: start,
      discontinuity: discontinuity && k === FRAMES,
      channels: [Float32Array.from({ length: 1600 }, (_, i) => 0.1 * Math.sin(i))],
    });
    for (const block of feed.accept('audio.s.p', frame, undefined)) {
      heard[late ? 'after' : 'before'] += block.samples.length / 16_000;
      heard.lastNanos = block.startNanos;
    }
  }
  return heard;
}

const end = NOW + BigInt(FRAMES) * 100_000_000n;
describe('a pole is heard on, at its new time, after its clock', () => {
  describe.each([true, false])('jumped, told as a discontinuity: %s,', (told) => {
    test.each<[string, bigint]>([
      ['repeated a leap second', end - SECOND],
      ['left a second out', end + SECOND],
      ['was stepped on by NTP, 0.4 s', end + 400_000_000n],
      ['was stepped back by NTP, 0.4 s', end - 400_000_000n],
      ['was stepped back by half a minute', end - 30n * SECOND],
      ['rolled over 1024 GPS weeks', end - 1024n * WEEK],
      ['came back from a rollover', end + 1024n * WEEK],
      ['forgot the date: 6 January 1980', 315_964_800n * SECOND],
      ['forgot the date: 1970', 0n],
      ['ran on to 2100', 4_102_444_800n * SECOND],
    ])('%s', (_what, to) => {
      const { before, after, lastNanos } = jump(to, told);
      expect(before).toBeGreaterThan(5);
      // The silence and the check on a step back may take a little.
      expect(after).toBeGreaterThan(3);
      const last = to + BigInt(FRAMES - 1) * 100_000_000n;
      const off = lastNanos > last ? lastNanos - last : last - lastNanos;
      expect(off).toBeLessThan(SECOND);
    });
  });
});
