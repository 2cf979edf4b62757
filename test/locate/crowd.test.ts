import { describe, expect, it } from 'vitest';
import { secondsToNanos } from '../../src/audio/index.js';
import type { Detection, DetectionState } from '../../src/listen/index.js';
import { SiteLocator } from '../../src/locate/index.js';
import { lastOf, metersFrom, PLANE, siteOf, ZERO } from './scenario.js';

const POLES = [
  { east: 0, north: 0 },
  { east: 200, north: 0 },
  { east: 0, north: 200 },
  { east: 2000, north: 0 },
];
const SITE = siteOf(POLES);

function clamour(pole: number, from: number, to: number, state: DetectionState, score = 0.95): Detection {
  const onsetNanos = ZERO + secondsToNanos(from);
  return {
    detectionId: `p${pole}.crowd_clamour.${from}`,
    pole: `p${pole}`,
    class: 'crowd_clamour',
    state,
    onsetNanos,
    ...(state === 'closed' && { endNanos: ZERO + secondsToNanos(to) }),
    arrivals: [],
    score,
    scores: { crowd_clamour: score },
    levelDb: 80 - pole,
    snrDb: 15,
  };
}

describe('A crowd', () => {
  it('heard by neighbouring poles is one incident with an area that holds them', () => {
    const locator = new SiteLocator(SITE);
    for (const pole of [0, 1, 2]) locator.add(clamour(pole, pole, 30, 'open'));
    const steps = locator.advance(ZERO + secondsToNanos(10));
    for (const pole of [0, 1, 2]) locator.add(clamour(pole, pole, 30, 'closed'));
    steps.push(...locator.advance(ZERO + secondsToNanos(60)));
    const [crowd, ...others] = lastOf(steps);
    expect(others).toEqual([]);
    expect(crowd).toMatchObject({ class: 'crowd_clamour', method: 'nearest_pole', polesHeard: 3 });
    expect(metersFrom(crowd, { east: 65, north: 65 })).toBeLessThan(crowd.accuracy!.semiMajorMeters);
    expect(crowd.area![0]).toEqual(crowd.area!.at(-1));
    expect(crowd.durationSeconds).toBeCloseTo(30, 1);
  });

  it('that a row of poles begins to hear at once, its ends out of each other’s reach, is one incident', () => {
    const row = [0, 300, 600].map((east) => ({ east, north: 0 }));
    const locator = new SiteLocator(siteOf(row));
    row.forEach((_, pole) => locator.add(clamour(pole, 0, 30, 'open')));
    const steps = locator.advance(ZERO + secondsToNanos(10));
    expect(lastOf(steps)).toMatchObject([{ polesHeard: 3 }]);
  });

  it('that grows and walks along a street is one incident whose place and area follow it', () => {
    const street = [0, 250, 500, 750, 1000].map((east) => ({ east, north: 0 }));
    const locator = new SiteLocator(siteOf(street));
    const steps = [];
    // Each pole hears it for 15 s, from 10 s after the one before; it reports every 5 s.
    for (let t = 0; t <= 55; t += 5) {
      street.forEach((_, pole) => {
        const [from, to] = [10 * pole, 10 * pole + 15];
        if (t < from || t > to) return;
        const state = t === to ? 'closed' : t === from ? 'open' : 'ongoing';
        locator.add({ ...clamour(pole, from, to, state), levelDb: 80 });
      });
      steps.push(...locator.advance(ZERO + secondsToNanos(t + 0.5)));
    }
    const easts = steps.map(({ incident }) => PLANE.toPlane(incident.location!)[0]);
    expect(new Set(steps.map(({ incident }) => incident.incidentId)).size).toBe(1);
    expect(easts[0]).toBeCloseTo(0, 0);
    easts.slice(1).forEach((east, i) => expect(east).toBeGreaterThanOrEqual(easts[i] - 1));
    expect(easts.at(-1)).toBeGreaterThan(850);
    const edges = (ring: ReadonlyArray<readonly [number, number]>) => {
      const xs = ring.map((corner) => PLANE.toPlane(corner)[0]);
      return [Math.min(...xs), Math.max(...xs)];
    };
    // It began round the first pole and has left it behind.
    expect(edges(steps[0].incident.area!)[1]).toBeLessThan(200);
    expect(edges(steps.at(-1)!.incident.area!)[0]).toBeGreaterThan(400);
    expect(edges(steps.at(-1)!.incident.area!)[1]).toBeGreaterThan(1100);
  });

  it('closes after 15 s of quiet and not before', () => {
    const locator = new SiteLocator(SITE);
    locator.add(clamour(0, 0, 20, 'closed'));
    expect(locator.advance(ZERO + secondsToNanos(34)).map(({ change }) => change)).not.toContain('closed');
    expect(locator.advance(ZERO + secondsToNanos(36)).map(({ change }) => change)).toContain('closed');
  });

  it('two kilometres off is another one', () => {
    const locator = new SiteLocator(SITE);
    locator.add(clamour(0, 0, 20, 'open'));
    locator.add(clamour(3, 1, 20, 'open'));
    expect(lastOf(locator.flush())).toHaveLength(2);
  });

  it('that one pole hears too faintly to stand alone is none', () => {
    const locator = new SiteLocator(SITE);
    locator.add(clamour(0, 0, 20, 'open', 0.7));
    expect(locator.flush()).toEqual([]);
  });
});
