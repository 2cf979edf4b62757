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
  it('is counted from the least delay that its feed has shown, whatever either clock says', () => {
    const lateness = new Lateness();
    expect(lateness.of('p', 1_000_000, 5)).toBe(0);
    expect(lateness.of('p', 1_000_000.1, 5.1)).toBeCloseTo(0, 2);
    expect(lateness.of('p', 1_000_000.2, 6.7)).toBeCloseTo(1.5, 2);
    expect(lateness.of('q', 3, 6.7)).toBe(0);
  });

  it('is nothing where a clock was set', () => {
    const lateness = new Lateness();
    lateness.of('p', 100, 5);
    expect(lateness.of('p', 50, 5.1)).toBe(0);
  });
});
