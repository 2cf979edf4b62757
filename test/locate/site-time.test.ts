import { describe, expect, it } from 'vitest';
import { SiteTime } from '../../src/locate/index.js';

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
});
