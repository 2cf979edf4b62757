import { describe, expect, it } from 'vitest';
import { parseTime, secondsBetween, secondsToNanos } from '../../src/audio/index.js';
import type { Arrival, Detection } from '../../src/listen/detection.js';
import type { ScoredPatch, Scores } from '../../src/listen/scored-patch.js';
import { Tracker } from '../../src/listen/tracker.js';

const START = parseTime('2026-05-01T22:00:00Z');
const THRESHOLDS = {
  gunshot: { on: 0.5, off: 0.3, alone: 0.9 },
  explosion: { on: 0.6, off: 0.4, alone: 0.9 },
  crowd_clamour: { on: 0.5, off: 0.3, alone: 0.8 },
};

interface Heard {
  seconds: number;
  scores: Scores;
  levelDb?: number;
  strengthDb?: number;
}

const at = (seconds: number): bigint => START + secondsToNanos(seconds);

function patch(endSeconds: number, scores: Scores, heard: readonly Heard[] = [], levelDb = -40): ScoredPatch {
  return {
    startNanos: at(endSeconds - 1),
    endNanos: at(endSeconds),
    routine: Number.isInteger(endSeconds * 2),
    scores,
    levelDb,
    arrivals: heard.map((one): Arrival => ({
      timeNanos: at(one.seconds),
      onsetUncertaintySeconds: 0.0005,
      levelDb: one.levelDb ?? -20,
      strengthDb: one.strengthDb ?? 20,
      scores: one.scores,
    })),
    features: () => ({ centroidHz: 900 }),
  };
}

/** Plays arrivals, each judged by its patch, over a grid of routine patches with `background` scores. */
function play(heard: readonly Heard[], seconds = 6, unusual = false): Detection[] {
  const tracker = new Tracker('p1', THRESHOLDS, 0.5, unusual);
  const patches = new Map<number, { scores: Scores; heard: Heard[] }>();
  for (let end = 0.5; end <= seconds; end += 0.5) patches.set(end, { scores: {}, heard: [] });
  for (const one of heard) {
    const end = Math.ceil((one.seconds + 0.25) * 8) / 8;
    const there = patches.get(end) ?? { scores: one.scores, heard: [] };
    patches.set(end, { scores: one.scores, heard: [...there.heard, one] });
  }
  const reports: Detection[] = [];
  for (const [end, { scores, heard: h }] of [...patches].sort((a, b) => a[0] - b[0])) {
    reports.push(...tracker.take(patch(end, scores, h)));
  }
  return [...reports, ...tracker.end()];
}

const states = (reports: Detection[]): string[] => reports.map((d) => `${d.class} ${d.state}`);
const shot = (seconds: number, gunshot = 0.8, levelDb = -20): Heard => ({
  seconds,
  scores: { gunshot },
  levelDb,
});

describe('impulses at one pole', () => {
  it.each<[string, Heard[], string[]]>([
    ['nothing', [], []],
    ['a shot', [shot(1)], ['gunshot open', 'gunshot closed']],
    ['a score just at the threshold', [shot(1, 0.5)], ['gunshot open', 'gunshot closed']],
    ['a score just below it', [shot(1, 0.499)], ['gunshot weak']],
    [
      'two shots within a second',
      [shot(1), shot(1.8)],
      ['gunshot open', 'gunshot ongoing', 'gunshot closed'],
    ],
    [
      'two shots three seconds apart',
      [shot(1), shot(4)],
      ['gunshot open', 'gunshot closed', 'gunshot open', 'gunshot closed'],
    ],
    [
      'a doubtful one after a sure one',
      [shot(1), shot(1.7, 0.4)],
      ['gunshot open', 'gunshot ongoing', 'gunshot closed'],
    ],
    [
      'a doubtful one before a sure one',
      [shot(1, 0.4), shot(1.7)],
      ['gunshot weak', 'gunshot open', 'gunshot closed'],
    ],
    [
      'an explosion',
      [{ seconds: 1, scores: { explosion: 0.9, gunshot: 0.3 } }],
      ['explosion open', 'explosion closed'],
    ],
    [
      'a far shot that the model half takes for an explosion',
      [{ seconds: 1, scores: { explosion: 0.75, gunshot: 0.65 } }],
      ['gunshot open', 'gunshot closed'],
    ],
    [
      'a firework',
      [{ seconds: 1, scores: { fireworks: 0.9, gunshot: 0.2, explosion: 0.3 } }],
      ['explosion weak'],
    ],
  ])('make of %s: %j', (_name, heard, expected) => {
    expect(states(play(heard))).toEqual(expected);
  });

  it('are one detection with a time for each shot, and one name for life', () => {
    const reports = play([shot(1), shot(1.5), shot(2.2)]);
    expect(new Set(reports.map((d) => d.detectionId)).size).toBe(1);
    const closed = reports[reports.length - 1];
    expect(closed.arrivals.map((a) => secondsBetween(START, a.timeNanos))).toEqual([1, 1.5, 2.2]);
    expect(secondsBetween(START, closed.endNanos ?? 0n)).toBe(2.2);
    expect(closed.features).toEqual({ centroidHz: 900 });
    expect(reports[0].endNanos).toBeUndefined();
  });

  it('mark what follows too soon or too weakly as an echo, and leave automatic fire alone', () => {
    const echoes = play([shot(1), shot(1.03, 0.8, -15), shot(1.15, 0.8, -29), shot(1.6, 0.7, -31)]).at(-1);
    expect(echoes?.arrivals.map((a) => a.echo ?? false)).toEqual([false, true, true, true]);
    const burst = Array.from({ length: 10 }, (_, i) => shot(1 + i / 15, 0.8, -20 - (i % 3)));
    const automatic = play(burst).at(-1);
    expect(automatic?.arrivals).toHaveLength(10);
    expect(automatic?.arrivals.some((a) => a.echo)).toBe(false);
  });

  it('give what only borrowed a blast’s score, being far weaker and before it, as weak', () => {
    const reports = play([
      { seconds: 1.01, scores: { gunshot: 0.9 }, levelDb: -50 },
      { seconds: 1.1, scores: { gunshot: 0.9 }, levelDb: -15 },
    ]);
    expect(states(reports)).toEqual(['gunshot weak', 'gunshot open', 'gunshot closed']);
    expect(secondsBetween(START, reports[1].onsetNanos)).toBe(1.1);
  });

  it('report at most eight weak arrivals in any second', () => {
    const clicks = Array.from({ length: 80 }, (_, i) => shot(1 + i / 40, 0.01));
    expect(play(clicks).length).toBeLessThanOrEqual(24);
  });

  it('keep at most 64 arrivals, the first among them', () => {
    const closed = play(
      Array.from({ length: 100 }, (_, i) => shot(1 + i / 12)),
      12,
    ).at(-1);
    expect(closed?.arrivals).toHaveLength(64);
    expect(closed?.onsetNanos).toBe(at(1));
  });

  it('carry the scores of the runners-up', () => {
    const [open] = play([{ seconds: 1, scores: { gunshot: 0.7, fireworks: 0.4, door: 0.1 } }]);
    expect(open.scores).toEqual({ gunshot: 0.7, fireworks: 0.4, door: 0.1 });
  });

  it('are unusual where loud and unknown, only if a site asks', () => {
    const bang: Heard = { seconds: 1, scores: { gunshot: 0.01, door: 0.1 }, strengthDb: 30 };
    expect(states(play([bang]))).toEqual(['gunshot weak']);
    expect(states(play([bang], 6, true))).toEqual(['gunshot weak', 'unusual open', 'unusual closed']);
  });
});

describe('a crowd at one pole', () => {
  function crowd(scores: readonly number[], levels: readonly number[] = []): Detection[] {
    const tracker = new Tracker('p1', THRESHOLDS, 0.5);
    const reports = scores.flatMap((score, i) =>
      tracker.take(patch((i + 1) / 2, { crowd_clamour: score, speech: 0.2 }, [], levels[i] ?? -30)),
    );
    return [...reports, ...tracker.end()];
  }
  const times = (n: number, score: number): number[] => Array.from({ length: n }, () => score);

  it.each<[string, number[], string[]]>([
    ['one loud shout', [0, 0, 0.95, 0.9, 0, 0, 0, 0], []],
    ['two and a half seconds', [...times(4, 0), ...times(5, 0.55), ...times(6, 0)], []],
    ['eight seconds', [...times(16, 0.9), ...times(8, 0)], ['open', 'ongoing', 'closed']],
    [
      'a gap of one patch',
      [...times(7, 0.9), 0.1, ...times(6, 0.9), ...times(8, 0)],
      ['open', 'ongoing', 'closed'],
    ],
    ['a score between off and on', times(30, 0.4), []],
    ['a crowd until the feed ends', times(7, 0.9), ['open', 'closed']],
  ])('is decided over seconds: %s', (_name, scores, expected) => {
    expect(crowd(scores).map(({ state }) => state)).toEqual(expected);
  });

  it('lasts at least 3 s, and says its mean score and energy-mean level', () => {
    const reports = crowd(
      [...times(4, 0), ...times(10, 0.9), ...times(8, 0)],
      [...times(4, -50), ...times(18, -30)],
    );
    const closed = reports[reports.length - 1];
    expect(secondsBetween(closed.onsetNanos, closed.endNanos ?? 0n)).toBeGreaterThanOrEqual(3);
    expect(closed.levelDb).toBeCloseTo(-30, 1);
    expect(closed.snrDb).toBeGreaterThan(17);
    expect(reports[0].score).toBeGreaterThanOrEqual(0.5);
    expect(reports[0].knownNanos).toBe(at(4));
    expect(closed.arrivals).toEqual([]);
  });

  it.each([0.5, 1, 1.5])('takes three seconds to be one on a grid of %s s too', (hopSeconds) => {
    const tracker = new Tracker('p1', THRESHOLDS, hopSeconds);
    const opened = Array.from({ length: 40 }, (_, i) => (i + 1) * hopSeconds).find((seconds) =>
      tracker.take(patch(seconds, { crowd_clamour: 0.51 }, [])).some(({ state }) => state === 'open'),
    );
    expect(opened).toBe(3);
  });

  it('is not carried over a break in the sound', () => {
    const tracker = new Tracker('p1', THRESHOLDS, 0.5);
    const before = times(5, 0.55).flatMap((s, i) => tracker.take(patch((i + 1) / 2, { crowd_clamour: s })));
    tracker.end();
    const after = times(5, 0.55).flatMap((s, i) => tracker.take(patch(10 + i / 2, { crowd_clamour: s })));
    expect([...before, ...after]).toEqual([]);
  });
});
