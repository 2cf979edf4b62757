import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Detection } from '../../src/listen/index.js';
import {
  decodeDetection,
  decodeReport,
  encodeDetection,
  encodeReport,
  ReportGate,
  SameArrival,
  type HearingReport,
} from '../../src/relay/index.js';

const T0 = 1_800_000_000_123_456_789n;
const shot = (onsetNanos: bigint, score = 0.9): Detection => ({
  detectionId: `p.gunshot.${onsetNanos / 10_000_000n}`,
  pole: 'p',
  class: 'gunshot',
  state: 'open',
  onsetNanos,
  knownNanos: onsetNanos + 300_000_000n,
  arrivals: [
    {
      timeNanos: onsetNanos,
      onsetUncertaintySeconds: 0.0002,
      clockUncertaintySeconds: 0.0005,
      levelDb: 92.25,
      strengthDb: 31.5,
      scores: { gunshot: score, door: 0.012 },
    },
  ],
  score,
  scores: { gunshot: score, door: 0.012 },
  levelDb: 92.25,
  snrDb: 31.5,
  features: { rms: 0.1 },
});

describe('a detection between processes', () => {
  it('arrives as it was sent, to the nanosecond and the last digit', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 62n), fc.double({ min: 0, max: 1, noNaN: true }), (time, score) => {
        const relayed = { detection: shot(time, score), listener: 'l', sequence: 7, exercise: false };
        expect(decodeDetection(encodeDetection(relayed))).toEqual(relayed);
      }),
    );
  });

  it('keeps an open end open, and says that it is an exercise, and what it took', () => {
    const detection = { ...shot(T0), state: 'closed' as const, endNanos: T0 + 5n };
    const relayed = {
      detection,
      listener: 'l',
      sequence: 1,
      exercise: true,
      delays: { transport: 0.1, listen: 0.3 },
    };
    expect(decodeDetection(encodeDetection(relayed))).toEqual(relayed);
    expect(JSON.parse(encodeDetection({ ...relayed, detection: shot(T0) }))).not.toHaveProperty('end');
  });

  it.each(['', '{', '[]', '{"pole":"p"}', '{"onset":"yesterday"}'])('is none in %j', (text) => {
    expect(decodeDetection(text)).toBeUndefined();
  });
});

it('a report of what was decided arrives as it was sent', () => {
  const report: HearingReport = {
    listener: 'l',
    exercise: false,
    sent: 12,
    poles: new Map([
      ['p', { decidedNanos: T0, live: true, state: 'live' as const }],
      ['q', { decidedNanos: T0 - 987_654_321n, clockUncertaintySeconds: null }],
      ['r', { live: false, left: true as const }],
    ]),
  };
  expect(decodeReport(encodeReport(report))).toEqual(report);
  expect(decodeReport('{"poles":3}')).toBeUndefined();
});

describe('a report that comes before the detections that it covers', () => {
  const report = (sent: number): HearingReport => ({
    listener: 'l',
    exercise: false,
    sent,
    poles: new Map(),
  });
  const released = (): { gate: ReportGate; sent: number[] } => {
    const sent: number[] = [];
    return { gate: new ReportGate((one) => sent.push(one.sent)), sent };
  };

  it('waits for them', () => {
    const { gate, sent } = released();
    gate.report(report(2), 0);
    gate.detection('l', 1, 0.01);
    expect(sent).toEqual([]);
    gate.detection('l', 2, 0.02);
    expect(sent).toEqual([2]);
  });

  it('waits a second at most, and the ones after it not again for the same', () => {
    const { gate, sent } = released();
    gate.report(report(2), 0);
    gate.tick(0.9);
    expect(sent).toEqual([]);
    gate.tick(1);
    gate.report(report(2), 1.05);
    expect(sent).toEqual([2, 2]);
  });

  it('keeps its place: none overtakes another', () => {
    const { gate, sent } = released();
    gate.report(report(1), 0);
    gate.report(report(0), 0.1);
    expect(sent).toEqual([]);
    gate.detection('l', 1, 0.2);
    expect(sent).toEqual([1, 0]);
  });
});

describe('a pole that two processes hear for a moment', () => {
  const near = 30_000_000n;

  it('has one onset where both tell of one, under the name and time of the first', () => {
    const same = new SameArrival();
    const first = same.take(shot(T0), 'a');
    const second = same.take(shot(T0 + near, 0.95), 'b');
    expect(second.detectionId).toBe(first.detectionId);
    expect(second.arrivals[0].timeNanos).toBe(T0);
    expect(second.score).toBe(0.95);
    expect(same.take(shot(T0 + near), 'b').onsetNanos).toBe(T0);
  });

  it('has two where one process tells of two: automatic fire', () => {
    const same = new SameArrival();
    same.take(shot(T0), 'a');
    expect(same.take(shot(T0 + near), 'a').arrivals[0].timeNanos).toBe(T0 + near);
  });

  it('has two where they lie apart', () => {
    const same = new SameArrival();
    same.take(shot(T0), 'a');
    expect(same.take(shot(T0 + 60_000_000n), 'b').arrivals[0].timeNanos).toBe(T0 + 60_000_000n);
  });
});
