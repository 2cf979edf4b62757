import { describe, expect, it } from 'vitest';
import { meets } from '../../src/cli/bench/locate-bars.js';
import { scoreCity } from '../../src/cli/bench/locate-city.js';
import { incidentCost } from '../../src/cli/bench/locate-cost.js';
import { leaveOneOut } from '../../src/cli/bench/locate-left-out.js';
import type { ArrivalScene } from '../../src/cli/bench/locate-scenes.js';
import { scoreStreets, STREET_CASES } from '../../src/cli/bench/locate-streets.js';
import { Random } from '../../src/simulate/index.js';

describe('the towns of the location bench', () => {
  const score = (name: string, poles: number, trials: number) =>
    scoreStreets(
      STREET_CASES.find((one) => one.name === name && one.poles === poles)!,
      trials,
      new Random(`${name} ${poles}`),
    );

  it('have shots that are found and placed', () => {
    const calm = score('calm', 8, 20);
    expect(calm).toMatchObject({ trials: 20, found: 20, located: 20, spurious: 0 });
    expect(calm.within15).toBeGreaterThanOrEqual(19);
  });

  it('have wind that shifts the place of whoever does not know it', () => {
    const [known, unknown] = [score('wind, known', 8, 40), score('wind, unknown', 8, 40)];
    expect(unknown.within15).toBeLessThan(known.within15);
  });

  it('are the same for the same seed', () => {
    expect(score('all of it', 6, 3)).toEqual(score('all of it', 6, 3));
  });
});

describe('the city of the location bench', () => {
  it('has shots all over it that one locator finds, and the more poles the more arrivals', () => {
    const [small, large] = [100, 400].map((poles) => scoreCity(poles, 60, 20, new Random('city')));
    for (const { shots, found, load } of [small, large]) {
      expect(shots).toBe(20);
      expect(found).toBeGreaterThanOrEqual(17);
      expect(load).toBeGreaterThan(0);
    }
    expect(large.arrivals).toBeGreaterThan(small.arrivals);
  });
});

describe('the incident of the location bench', () => {
  it('is one of 20 poles with 200 arrivals that is found', () => {
    expect(incidentCost(2, new Random('cost'), 0)).toMatchObject({
      poles: 20,
      arrivals: 200,
      trials: 2,
      found: 2,
    });
  });
});

describe('leaving one firing position out', () => {
  it('says nothing where there is only one', () => {
    expect(leaveOneOut([{ name: 'FP1-001' } as ArrivalScene])).toEqual([]);
  });
});

it.each([
  [{ atLeast: 0.9, atMost: 0.98 }, 0.95, true],
  [{ atLeast: 0.9, atMost: 0.98 }, 0.99, false],
  [{ atLeast: 0.9 }, 0.89, false],
  [{ atMost: 20 }, 20, true],
])('a bar of %o is met by %d: %s', (limits, value, met) => {
  expect(meets({ name: '', value, ...limits })).toBe(met);
});
