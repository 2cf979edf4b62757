import { describe, expect, it } from 'vitest';
import { parseTime, secondsToNanos, formatTime } from '../../src/audio/index.js';
import { PatchSchedule, type PlannedPatch } from '../../src/listen/patches.js';

const START = parseTime('2026-05-01T22:00:00.100Z');
const at = (seconds: number): bigint => START + secondsToNanos(seconds);
const onset = (seconds: number) => ({
  sample: 0,
  uncertaintySeconds: 0.0005,
  strengthDb: 20,
  peakDb: -10,
  index: Math.round(seconds * 16_000),
  timeNanos: at(seconds),
});

function run(onsets: number[], seconds: number, blockSeconds = 0.1, turn = 0): PlannedPatch[] {
  const schedule = new PatchSchedule(0.5, turn);
  schedule.begin(START);
  const patches: PlannedPatch[] = [];
  let next = 0;
  const blocks = Math.round(seconds / blockSeconds);
  for (let b = 0; b < blocks; b++) {
    const end = (b + 1) * blockSeconds;
    while (next < onsets.length && onsets[next] + 0.08 <= end) schedule.add(onset(onsets[next++]));
    patches.push(
      ...schedule.due(Math.round(b * blockSeconds * 16_000), at(b * blockSeconds), blockSeconds * 16_000),
    );
  }
  while (next < onsets.length) schedule.add(onset(onsets[next++]));
  patches.push(...schedule.end(seconds * 16_000, at(seconds), START));
  return patches;
}

const ends = (patches: PlannedPatch[]): string[] =>
  patches.map(({ endNanos }) => formatTime(endNanos, 3).slice(17, 23));

describe('the patches of a pole', () => {
  it('lie on a half-second grid anchored to UTC, whenever the feed began', () => {
    const patches = run([], 2.4);
    expect(ends(patches)).toEqual(['01.000', '01.500', '02.000', '02.500']);
    expect(patches.every(({ routine }) => routine)).toBe(true);
    expect(patches[0].endIndex).toBe(0.9 * 16_000);
  });

  it('lie an eighth of a step later for each turn, and hold at least a step of the feed', () => {
    expect(ends(run([], 2.4, 0.1, 1))).toEqual(['01.062', '01.562', '02.062', '02.562']);
    expect(ends(run([], 2.4, 0.1, 7))).toEqual(['00.937', '01.437', '01.937', '02.437', '02.937']);
  });

  it.each([
    [0.5, '00.875'],
    [0.52, '00.875'],
    [0.525, '00.875'],
    [0.53, '01.000'],
    [0.65, '01.000'],
    [0.66, '01.125'],
  ])('include one that ends 0.25 to 0.375 s after an onset at %f s: at %s', (seconds, end) => {
    const judging = run([seconds], 3).filter(({ onsets }) => onsets.length > 0);
    expect(ends(judging)).toEqual([end]);
  });

  it('are one where the grid and an onset ask for the same, and one for several onsets of an eighth of a second', () => {
    const patches = run([1.13, 1.14, 1.149], 3);
    const judging = patches.filter(({ onsets }) => onsets.length > 0);
    expect(judging).toHaveLength(1);
    expect(judging[0].routine).toBe(true);
    expect(judging[0].onsets).toHaveLength(3);
    expect(new Set(patches.map(({ endNanos }) => endNanos)).size).toBe(patches.length);
  });

  it('are the same whatever the size of the blocks', () => {
    const onsets = [0.3, 0.9, 0.95, 1.7];
    const plain = (patches: PlannedPatch[]) =>
      patches.map(({ endNanos, endIndex, routine, onsets: o }) => [endNanos, endIndex, routine, o.length]);
    expect(plain(run(onsets, 3, 0.25))).toEqual(plain(run(onsets, 3, 0.05)));
  });

  it('cover a recording of 0.3 s, and a shot in the last tenth of one', () => {
    expect(ends(run([], 0.3))).toEqual(['01.000']);
    const last = run([1.95], 2).filter(({ onsets }) => onsets.length > 0);
    expect(ends(last)).toEqual(['02.375']);
    expect(last[0].endIndex).toBeGreaterThan(2 * 16_000);
  });

  it('come in order of their ends', () => {
    const patches = run([0.3, 0.6, 0.7, 1.2, 1.9], 3);
    for (let i = 1; i < patches.length; i++) expect(patches[i].endNanos > patches[i - 1].endNanos).toBe(true);
  });
});
