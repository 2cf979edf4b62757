import { describe, expect, it } from 'vitest';
import type { Detection } from '../../src/listen/index.js';
import { SiteLocator } from '../../src/locate/index.js';
import { blast, detection, grid, lastOf, siteOf, STILL } from './scenario.js';

const POLES = grid(3, 200);

/** The class told of a blast that poles score in turn as these pairs of gunshot and explosion. */
function told(pairs: readonly [gunshot: number, explosion: number][]) {
  const locator = new SiteLocator(siteOf(POLES));
  locator.setWeather(STILL);
  blast(POLES, { east: 30, north: 20 }, 1).forEach((heard, i) => {
    const [gunshot, explosion] = pairs[i % pairs.length];
    locator.add(
      scored(
        detection({ ...heard, className: gunshot > explosion ? 'gunshot' : 'explosion' }),
        gunshot,
        explosion,
      ),
    );
  });
  const incidents = lastOf(locator.flush());
  expect(incidents).toHaveLength(1);
  return incidents[0].class;
}

function scored(heard: Detection, gunshot: number, explosion: number): Detection {
  const scores = { gunshot, explosion };
  const score = Math.max(gunshot, explosion);
  return { ...heard, score, scores, arrivals: heard.arrivals.map((arrival) => ({ ...arrival, scores })) };
}

describe('gunshot or explosion', () => {
  it('is what the poles together hold for likelier, though none is sure', () => {
    expect(told([[0.4, 0.75]])).toBe('explosion');
    expect(told([[0.35, 0.527]])).toBe('explosion');
    expect(told([[0.75, 0.4]])).toBe('gunshot');
  });

  it('heeds how sure each pole is: few that are sure outweigh many that hardly tell', () => {
    expect(
      told([
        [0.05, 0.95],
        [0.62, 0.55],
        [0.62, 0.55],
      ]),
    ).toBe('explosion');
    expect(
      told([
        [0.95, 0.05],
        [0.55, 0.62],
        [0.55, 0.62],
      ]),
    ).toBe('gunshot');
  });
});
