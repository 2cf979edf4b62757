import { describe, expect, test } from 'vitest';
import { Placing } from '../../src/cli/placing.js';
import type { IncidentStep } from '../../src/locate/index.js';
import { blast, detection, lastOf, metersFrom, siteOf, STILL, ZERO } from '../locate/scenario.js';

const SECOND = 1_000_000_000n;
const POLES = [
  { east: -150, north: -120 },
  { east: 140, north: -130 },
  { east: 160, north: 130 },
  { east: -140, north: 150 },
  { east: 0, north: 200 },
];
const SOURCE = { east: 30, north: -20 };

describe('a shot is told within seconds after the clocks of all poles were set back', () => {
  test.each([
    ['by a leap second', SECOND],
    ['by half a minute', 30n * SECOND],
    ['by an hour', 3600n * SECOND],
    ['from 2100', 74n * 365n * 86_400n * SECOND],
  ])('%s', (_how, step) => {
    const steps: IncidentStep[] = [];
    const placing = new Placing({ site: siteOf(POLES), locate: {}, onStep: (one) => steps.push(one) });
    placing.locator.setWeather(STILL);
    const names = POLES.map((_, i) => `p${i}`);
    for (const name of names) placing.onLive(name, true);
    let monotonic = 0n;
    const goOn = (seconds: number, ahead: bigint): void => {
      for (let i = 0; i < seconds * 10; i++) {
        monotonic += SECOND / 10n;
        for (const name of names) placing.onDecided(name, ZERO + monotonic + ahead);
        placing.tick(monotonic);
      }
    };
    const shoot = (at: number): void =>
      blast(POLES, SOURCE, at).forEach((heard) => placing.onDetection(detection(heard)));

    shoot(1 + Number(step) / 1e9);
    goOn(5, step);
    expect(lastOf(steps)).toHaveLength(1);
    goOn(1, 0n);
    shoot(6.5);
    goOn(6, 0n);
    const [, second, ...more] = lastOf(steps);
    expect(more).toEqual([]);
    expect(second.method).toBe('multilateration');
    expect(metersFrom(second, SOURCE)).toBeLessThan(5);
    // What was open by the clocks of before is closed, and what is told now goes on as ever.
    goOn(6, 0n);
    expect(steps.filter(({ change }) => change === 'closed')).toHaveLength(2);
  });
});
