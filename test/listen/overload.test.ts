import { describe, expect, it } from 'vitest';
import {
  Lateness,
  Overload,
  OVERLOAD_STATES,
  shedPatch,
  type OverloadState,
} from '../../src/listen/index.js';

/** Looks each 250 ms at a queue of these ages; gives the state after each. */
function states(...ages: readonly (readonly [ageSeconds: number, looks: number])[]): OverloadState[] {
  const overload = new Overload();
  let look = 0;
  return ages.flatMap(([age, looks]) =>
    Array.from({ length: looks }, () => overload.observe(age, look++ * 0.25)),
  );
}

describe('a process short of time', () => {
  it.each([
    ['does nothing about a queue that stays young', [[0.2, 40]], 'normal'],
    [
      'does nothing about a single late patch',
      [
        [0.3, 2],
        [0.05, 4],
      ],
      'normal',
    ],
    ['stretches its hop where the queue stays old for half a second', [[0.3, 3]], 'stretched'],
    ['then skips quiet feeds', [[0.3, 5]], 'skipping'],
    ['then drops', [[0.3, 7]], 'dropping'],
    ['goes no further than that', [[5, 100]], 'dropping'],
    ['goes a step at every look where the queue is near a second', [[0.9, 2]], 'skipping'],
    [
      'stays where it is while the queue is neither old nor young',
      [
        [0.3, 3],
        [0.22, 400],
      ],
      'stretched',
    ],
    [
      'comes back by a step after three calm seconds',
      [
        [0.3, 5],
        [0.02, 13],
      ],
      'stretched',
    ],
    [
      'comes back by itself altogether',
      [
        [5, 10],
        [0.02, 60],
      ],
      'normal',
    ],
  ] as const)('%s', (_what, ages, expected) => {
    expect(states(...ages).at(-1)).toBe(expected);
  });

  it('never skips a step on its way up or down', () => {
    const seen = states([5, 20], [0, 80]).map((state) => OVERLOAD_STATES.indexOf(state));
    for (let i = 1; i < seen.length; i++) expect(Math.abs(seen[i] - seen[i - 1])).toBeLessThanOrEqual(1);
  });
});

it.each([
  ['normal', false, false, undefined],
  ['normal', true, true, undefined],
  ['stretched', true, false, 'stretched'],
  ['stretched', false, true, undefined],
  ['skipping', false, true, 'quiet'],
  ['skipping', false, false, undefined],
  ['skipping', true, true, 'stretched'],
  ['dropping', false, false, 'grid'],
] as const)('a patch of the grid, %s, odd %s, quiet %s: %s', (state, odd, quiet, reason) => {
  expect(shedPatch(state, odd, quiet)).toBe(reason);
});

describe('how late sound is', () => {
  /** A block of 100 ms that ended at `end` by its pole. */
  const heard = (lateness: Lateness, feed: string, end: number, now: number): number =>
    lateness.of(feed, end - 0.1, end, now);

  it('is counted from the least delay that its feed has shown, whatever either clock says', () => {
    const lateness = new Lateness();
    expect(heard(lateness, 'p', 1_000_000, 5)).toBe(0);
    expect(heard(lateness, 'p', 1_000_000.1, 5.1)).toBeCloseTo(0, 2);
    expect(heard(lateness, 'p', 1_000_000.2, 6.7)).toBeCloseTo(1.5, 2);
    expect(heard(lateness, 'q', 3, 6.7)).toBe(0);
  });

  it.each([
    ['by a leap second', 1],
    ['by an NTP server that was wrong', 7],
    ['by years', 120 * 365.25 * 86_400],
  ])('is nothing where the clock was set back %s', (_how, seconds) => {
    const lateness = new Lateness();
    for (let i = 0; i < 50; i++) heard(lateness, 'p', 9e9 + i * 0.1, i * 0.1);
    for (let i = 50; i < 100; i++)
      expect(heard(lateness, 'p', 9e9 + i * 0.1 - seconds, i * 0.1)).toBeCloseTo(0, 2);
    expect(heard(lateness, 'p', 9e9 + 10 - seconds, 10.9)).toBeCloseTo(0.9, 1);
  });

  it('is of a site what most of its feeds are late by, however many frames one of them sends', () => {
    const lateness = new Lateness();
    for (const pole of ['a', 'b', 'c', 'flood']) heard(lateness, pole, 100, 0);
    heard(lateness, 'flood', 120, 0);
    for (let i = 1; i < 1000; i++) heard(lateness, 'flood', 120 + i * 0.001, 9);
    for (const pole of ['a', 'b', 'c']) heard(lateness, pole, 100.2, 0.2);
    expect(lateness.ofMost()).toBeCloseTo(0, 2);
    expect(lateness.ofMost()).toBe(0);
    for (const pole of ['a', 'b', 'c', 'd']) heard(lateness, pole, 100.3, pole === 'a' ? 0.3 : 2.3);
    heard(lateness, 'd', 100.4, 4.4);
    expect(lateness.ofMost()).toBeCloseTo(2, 1);
  });
});
