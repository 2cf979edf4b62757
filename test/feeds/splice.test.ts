import { describe, expect, test } from 'vitest';
import { splice, type Splice, type Stretch } from '../../src/feeds/splice.js';

const MS = 1_000_000n;

/** 100 ms of a pole's sound at 16 kHz, `atMs` after some second. */
function stretch(sequence: number, atMs: number, more: Partial<Stretch> = {}): Stretch {
  const first = Math.round(atMs * 16);
  return {
    startNanos: 1_777_672_845_000_000_000n + BigInt(Math.round(atMs * 1000)) * 1000n,
    sampleRateHz: 16000,
    channelCount: 1,
    sequence,
    discontinuity: false,
    // Sound that depends on its time only, so that what overlaps in time is the same.
    mono: Float32Array.from({ length: 1600 }, (_, i) => Math.sin((first + i) ** 2 / 1e4)),
    ...more,
  };
}

const other = Float32Array.from({ length: 1600 }, (_, i) => Math.cos(i));
const joined: Splice = { kind: 'join', fillSamples: 0, skipSamples: 0 };

describe('after frame 5, which ends at 100 ms,', () => {
  test.each<[string, Stretch, Splice]>([
    ['frame 6 at 100 ms follows', stretch(6, 100), joined],
    ['frame 6 with a stamp 15 ms late follows: stamps jitter', stretch(6, 115), joined],
    ['frame 6 with a stamp 15 ms early follows', stretch(6, 85), joined],
    ['frame 5 again is a duplicate', stretch(5, 0), { kind: 'drop', reason: 'duplicate' }],
    ['frame 4 is late', stretch(4, -100), { kind: 'drop', reason: 'late' }],
    [
      'frame 7 at 200 ms leaves a gap of 100 ms, filled',
      stretch(7, 200),
      { kind: 'join', fillSamples: 1600, skipSamples: 0, disturbance: 'gap_filled' },
    ],
    [
      'frame 16 at 1100 ms leaves just 1 s, filled',
      stretch(16, 1100),
      { kind: 'join', fillSamples: 16000, skipSamples: 0, disturbance: 'gap_filled' },
    ],
    [
      'frame 17 at 1200 ms leaves more than 1 s: a break',
      stretch(17, 1200),
      { kind: 'break', disturbance: 'gap' },
    ],
    [
      'frame 7 at 100 ms follows, although a number is missing',
      stretch(7, 100),
      { ...joined, disturbance: 'sequence_skip' },
    ],
    [
      'frame 6 at 60 ms with the same sound overlaps by 40 ms',
      stretch(6, 60),
      { kind: 'join', fillSamples: 0, skipSamples: 640, disturbance: 'overlap' },
    ],
    [
      'frame 6 at 60 ms with another sound: the clock stepped back',
      stretch(6, 60, { mono: other }),
      { kind: 'break', disturbance: 'clock_step' },
    ],
    [
      'frame 6 at 60 ms, both silent: silence is no proof of an overlap',
      stretch(6, 60, { mono: new Float32Array(1600) }),
      { kind: 'break', disturbance: 'clock_step' },
    ],
    [
      'frame 7 at 60 ms overlaps: its repeated part is dropped',
      stretch(7, 60, { mono: other }),
      { kind: 'join', fillSamples: 0, skipSamples: 640, disturbance: 'overlap' },
    ],
    [
      'frame 6 at 130 ms: the clock stepped forwards',
      stretch(6, 130),
      { kind: 'break', disturbance: 'clock_step' },
    ],
    [
      'frame 6 an hour back: the clock stepped',
      stretch(6, -3_600_000),
      { kind: 'break', disturbance: 'clock_step' },
    ],
    [
      'frame 6 with flag bit 0: a break',
      stretch(6, 100, { discontinuity: true }),
      { kind: 'break', disturbance: 'discontinuity' },
    ],
    [
      'frame 6 at another rate: a break',
      stretch(6, 100, { sampleRateHz: 48000 }),
      { kind: 'break', disturbance: 'rate_change' },
    ],
    [
      'frame 6 of two channels: a break',
      stretch(6, 100, { channelCount: 2 }),
      { kind: 'break', disturbance: 'channels_change' },
    ],
    [
      'frame 0 at 100 ms follows: the sender counts anew',
      stretch(0, 100),
      { ...joined, disturbance: 'sequence_reset' },
    ],
    ['frame 0 at 5 s: the sender was restarted', stretch(0, 5000), { kind: 'break', disturbance: 'restart' }],
  ])('%s', (_, next, how) => {
    expect(splice(stretch(5, 0), next)).toEqual(how);
  });
});

test('the sequence number wraps without a break', () => {
  expect(splice(stretch(0xffffffff, 0), stretch(0, 100))).toEqual(joined);
  expect(splice(stretch(0xfffffffe, 0), stretch(1, 300))).toMatchObject({ fillSamples: 3200 });
  expect(splice(stretch(0, 0), stretch(0xffffffff, -100))).toEqual({ kind: 'drop', reason: 'late' });
});

test('times beyond what a double holds are compared exactly', () => {
  const last = stretch(1, 0);
  const next = { ...stretch(3, 100), startNanos: last.startNanos + 100n * MS + 62_500n * 40n };
  expect(splice(last, next)).toMatchObject({ fillSamples: 40 });
});
