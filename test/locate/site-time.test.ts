import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SiteTime } from '../../src/locate/index.js';
import { TICK_NANOS } from '../../src/locate/ticks.js';

const s = (seconds: number) => BigInt(Math.round(seconds * 1e9));

describe('Site time', () => {
  it.each([
    ['is the slowest live pole', [10, 10.4, 11], [true, true, true], 10, []],
    ['lies at most 2 s behind the median', [7, 10.4, 11], [true, true, true], 8.4, []],
    ['leaves out a pole that is not live', [7, 10.4, 11], [false, true, true], 10.4, []],
    ['sets a pole apart that is more than 5 s behind', [1, 10.4, 11], [true, true, true], 10.4, ['c0']],
    ['sets a pole apart that is more than 5 s ahead', [10, 10.4, 90], [true, true, true], 10, ['c2']],
  ])('%s', (_name, times, live, expected, apart) => {
    const site = new SiteTime();
    times.forEach((time, i) => {
      site.setLive(`c${i}`, live[i]);
      site.report(`c${i}`, s(time));
    });
    expect(site.now()).toBe(s(expected));
    expect(site.setAside).toEqual(apart);
  });

  it('never runs backwards', () => {
    const site = new SiteTime();
    site.setLive('a', true);
    site.report('a', s(10));
    expect(site.now()).toBe(s(10));
    site.setLive('b', true);
    site.report('b', s(8));
    expect(site.now()).toBe(s(10));
  });

  it('runs back where most live poles stay more than 10 s behind it for 2 s', () => {
    const site = new SiteTime();
    for (const pole of ['a', 'b', 'c']) {
      site.setLive(pole, true);
      site.report(pole, s(4000));
    }
    expect(site.now(s(100))).toBe(s(4000));
    site.report('a', s(50));
    expect(site.now(s(103))).toBe(s(4000));
    site.report('b', s(50));
    expect(site.now(s(104))).toBe(s(4000));
    expect(site.now(s(105.9))).toBe(s(4000));
    expect(site.now(s(106))).toBe(s(50));
  });

  it('does not run back for a pole that comes back and has told nothing new yet', () => {
    const site = new SiteTime();
    for (const pole of ['a', 'b']) {
      site.setLive(pole, true);
      site.report(pole, s(10));
    }
    site.setLive('a', false);
    site.report('b', s(4000));
    expect(site.now(s(100))).toBe(s(4000));
    site.setLive('a', true);
    expect(site.now(s(101))).toBe(s(4000));
    site.report('a', s(4001));
    expect(site.now(s(102))).toBe(s(4000));
    site.report('a', s(10));
    expect(site.now(s(103.5))).toBe(s(4000));
  });

  it('runs on with the monotonic clock once all poles are silent', () => {
    const site = new SiteTime();
    site.setLive('a', true);
    site.report('a', s(10));
    expect(site.now(s(100))).toBe(s(10));
    site.setLive('a', false);
    expect(site.now(s(103))).toBe(s(13));
  });

  it('waits at the start until every live pole has reported once, live for 2 s at most', () => {
    const site = new SiteTime();
    site.setLive('a', true);
    site.setLive('b', true);
    site.report('a', s(10));
    expect(site.now()).toBeUndefined();
    expect(site.now(s(50))).toBeUndefined();
    expect(site.now(s(52.1))).toBe(s(10));
  });

  it('is unknown before any pole has reported', () => {
    expect(new SiteTime().now(s(5))).toBeUndefined();
  });

  it('need only be asked for after a report that can have brought the next tick, in whatever order poles report', () => {
    const poles = fc.uniqueArray(fc.nat(11), { minLength: 12, maxLength: 12 });
    const lateness = fc.array(fc.nat(49), { minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(fc.array(poles, { minLength: 1, maxLength: 6 }), lateness, (rounds, lateMillis) => {
        const asked = new SiteTime();
        const sparing = new SiteTime();
        for (const site of [asked, sparing]) rounds[0].forEach((pole) => site.setLive(`p${pole}`, true));
        const ticks = (time: bigint | undefined) => (time === undefined ? undefined : time / TICK_NANOS);
        let known: bigint | undefined;
        rounds.forEach((order, round) => {
          for (const pole of order) {
            const through = s(10 + round * 0.1 + lateMillis[pole] / 1000);
            asked.report(`p${pole}`, through);
            if (sparing.report(`p${pole}`, through)) known = sparing.now();
            expect(ticks(known)).toEqual(ticks(asked.now()));
          }
        });
      }),
    );
  });

  it('is asked for a few times a round of a thousand poles, not a thousand times', () => {
    const site = new SiteTime();
    const poles = Array.from({ length: 1000 }, (_, i) => `p${i}`);
    for (const pole of poles) site.setLive(pole, true);
    for (const pole of poles) if (site.report(pole, s(10))) site.now();
    let asks = 0;
    for (let round = 1; round <= 10; round++) {
      for (const pole of poles) {
        if (!site.report(pole, s(10 + round * 0.1))) continue;
        asks++;
        site.now();
      }
    }
    expect(asks).toBeLessThanOrEqual(20);
  });
});
