import { describe, expect, it } from 'vitest';
import { secondsToNanos } from '../../src/audio/index.js';
import { SiteLocator, type IncidentStep } from '../../src/locate/index.js';
import {
  blast,
  detection,
  grid,
  lastOf,
  metersFrom,
  random,
  secondsAfterZero,
  siteOf,
  STILL,
  ZERO,
  type Heard,
} from './scenario.js';

const POLES = grid(4, 250);
const SITE = siteOf(POLES);

function run(heard: readonly Heard[], site = SITE): IncidentStep[] {
  const locator = new SiteLocator(site);
  locator.setWeather(STILL);
  for (const one of heard) locator.add(detection(one));
  return locator.flush();
}

/** Echoes: each pole hears each arrival again, later and fainter, at delays of its own. */
function echoes(heard: readonly Heard[], seed: number): Heard[] {
  const next = random(seed);
  return heard.flatMap((one) =>
    Array.from({ length: 4 }, () => ({
      ...one,
      seconds: one.seconds + 0.06 + next() * 0.8,
      levelDb: (one.levelDb ?? 90) - 8 - next() * 8,
      strengthDb: 6 + next() * 6,
    })),
  );
}

describe('One shot', () => {
  const source = { east: 40, north: -70 };

  it('becomes one incident at its place and time, from one sure pole and the weak arrivals of the others', () => {
    const steps = run(blast(POLES, source, 1, { score: (meters) => (meters < 150 ? 0.95 : 0.1) }));
    const [incident, ...others] = lastOf(steps);
    expect(others).toEqual([]);
    expect(incident.class).toBe('gunshot');
    expect(incident.method).toBe('multilateration');
    expect(incident.insideHull).toBe(true);
    expect(metersFrom(incident, source)).toBeLessThan(0.5);
    expect(secondsAfterZero(incident.onsetNanos)).toBeCloseTo(1, 2);
    expect(incident.shots?.count).toBe(1);
    expect(steps.map(({ change }) => change)[0]).toBe('detected');
    expect(steps.filter(({ change }) => change === 'closed')).toHaveLength(1);
  });

  it('is not split by its echoes', () => {
    const direct = blast(POLES, source, 1);
    const incidents = lastOf(run([...direct, ...echoes(direct, 3)]));
    expect(incidents).toHaveLength(1);
    expect(incidents[0].shots?.count).toBe(1);
    expect(metersFrom(incidents[0], source)).toBeLessThan(2);
  });

  it('numbers its revisions from 1 without a gap', () => {
    const steps = run(blast(POLES, source, 1));
    expect(steps.map(({ incident }) => incident.revision)).toEqual(steps.map((_, i) => i + 1));
  });

  it('is the same to the last revision whatever order its detections come in', () => {
    const direct = blast(POLES, source, 1);
    const all = [...direct, ...echoes(direct, 5)];
    const expected = run(all);
    const next = random(7);
    for (let round = 0; round < 5; round++) {
      const mixed = all.map((one) => ({ one, key: next() })).sort((a, b) => a.key - b.key);
      expect(run(mixed.map(({ one }) => one))).toEqual(expected);
    }
  });

  it('is the same whether site time runs in small steps or in one', () => {
    const all = blast(POLES, source, 1);
    const locator = new SiteLocator(SITE);
    locator.setWeather(STILL);
    for (const one of all) locator.add(detection(one));
    const steps: IncidentStep[] = [];
    for (let t = 0; t < 12; t += 0.037) steps.push(...locator.advance(ZERO + secondsToNanos(t)));
    steps.push(...locator.flush());
    expect(lastOf(steps)).toEqual(lastOf(run(all)));
  });

  it('takes a late arrival as an update, never as a twin', () => {
    const all = blast(POLES, source, 1);
    const late = all.filter(({ pole }) => pole === 15);
    const locator = new SiteLocator(SITE);
    locator.setWeather(STILL);
    for (const one of all) if (one.pole !== 15) locator.add(detection(one));
    const steps = locator.advance(ZERO + secondsToNanos(4));
    for (const one of late) locator.add(detection(one));
    steps.push(...locator.flush());
    const incidents = lastOf(steps);
    expect(incidents).toHaveLength(1);
    expect(incidents[0].poles.map(({ pole }) => pole)).toContain('p15');
  });

  it('gets a place within 100 ms of site time after the fourth arrival', () => {
    const all = blast(POLES, source, 1).sort((a, b) => a.seconds - b.seconds);
    const steps = run(all);
    const placed = steps.find(({ incident }) => incident.method === 'multilateration')!;
    expect(secondsAfterZero(placed.siteTimeNanos)).toBeLessThan(all[4].seconds + 0.1);
  });
});

describe('Several shots', () => {
  const source = { east: -60, north: 30 };

  it('from one place are one incident with a time for each', () => {
    const heard = [0, 0.6, 1.3].flatMap((after) => blast(POLES, source, 1 + after));
    const incidents = lastOf(run(heard));
    expect(incidents).toHaveLength(1);
    const times = incidents[0].shots!.timesNanos.map(secondsAfterZero);
    expect(times).toHaveLength(3);
    [1, 1.6, 2.3].forEach((time, i) => expect(times[i]).toBeCloseTo(time, 2));
    expect(incidents[0].shots!.automatic).toBe(false);
  });

  it('at ten a second are automatic fire', () => {
    const heard = Array.from({ length: 6 }, (_, i) => blast(POLES, source, 1 + i * 0.1)).flat();
    const incidents = lastOf(run(heard));
    expect(incidents).toHaveLength(1);
    expect(incidents[0].shots).toMatchObject({ count: 6, automatic: true });
  });

  it('a minute apart are two incidents', () => {
    const heard = [...blast(POLES, source, 1), ...blast(POLES, source, 61)];
    expect(lastOf(run(heard))).toHaveLength(2);
  });

  it('from two places, in flight at once, are two incidents', () => {
    const other = { east: 330, north: 340 };
    const heard = [...blast(POLES, source, 1), ...blast(POLES, other, 1.3)];
    const incidents = lastOf(run(heard));
    expect(incidents).toHaveLength(2);
    expect(Math.min(...incidents.map((i) => metersFrom(i, source)))).toBeLessThan(5);
    expect(Math.min(...incidents.map((i) => metersFrom(i, other)))).toBeLessThan(5);
  });

  it('is one incident where a façade mirrors it to six of nine poles: their echoes fit the place of its image', () => {
    const poles = grid(3, 250);
    const direct = blast(poles, source, 1);
    const image = { east: 2 * 150 - source.east, north: source.north };
    const mirrored = blast(poles, image, 1)
      .filter(({ seconds }, i) => seconds > direct[i].seconds + 0.05)
      .map((one) => ({ ...one, score: 0.7, strengthDb: one.strengthDb! - 6, levelDb: one.levelDb! - 6 }));
    expect(mirrored).toHaveLength(6);
    const incidents = lastOf(run([...direct, ...mirrored], siteOf(poles)));
    expect(incidents).toHaveLength(1);
    expect(incidents[0].shots!.count).toBe(1);
    expect(metersFrom(incidents[0], source)).toBeLessThan(5);
  });
});

describe('What is not enough', () => {
  it('weak arrivals alone are no incident, however well they fit', () => {
    expect(run(blast(POLES, { east: 0, north: 0 }, 1, { score: () => 0.2 }))).toEqual([]);
  });

  it('noise at one pole below what one pole needs alone is no incident', () => {
    expect(run([{ pole: 3, seconds: 1, score: 0.7 }])).toEqual([]);
  });

  it('arrivals with unknown clocks are detected and never located', () => {
    const heard = blast(POLES, { east: 0, north: 0 }, 1).map((one) => ({
      ...one,
      clock: 'unknown' as const,
    }));
    const incidents = lastOf(run(heard));
    expect(incidents.length).toBeGreaterThan(0);
    for (const { method } of incidents) expect(method).toBe('nearest_pole');
  });

  it('one sure pole alone gives a wide ellipse and says so', () => {
    const [incident] = lastOf(run([{ pole: 5, seconds: 1, score: 0.97 }]));
    expect(incident.method).toBe('nearest_pole');
    expect(incident.accuracy!.semiMajorMeters).toBeGreaterThan(100);
  });

  it('a single recording without a site has no place at all', () => {
    const [incident] = lastOf(run([{ pole: 0, seconds: 1, score: 0.97 }], siteOf([POLES[0]], 'local')));
    expect(incident.method).toBe('none');
    expect(incident).not.toHaveProperty('location');
    expect(incident).not.toHaveProperty('accuracy');
  });
});

describe('A takeover', () => {
  const source = { east: 40, north: -70 };

  it('goes on with an open incident under its name', () => {
    const all = blast(POLES, source, 1);
    const before = new SiteLocator(SITE);
    before.setWeather(STILL);
    for (const one of all) before.add(detection(one));
    const known = lastOf(before.advance(ZERO + secondsToNanos(2)))[0];
    const after = new SiteLocator(SITE);
    after.setWeather(STILL);
    after.restore([known]);
    for (const one of all) after.add(detection(one));
    const steps = after.flush();
    expect(lastOf(steps).map(({ incidentId }) => incidentId)).toEqual([known.incidentId]);
    expect(steps[0].change).toBe('updated');
    expect(steps[0].incident.revision).toBe(known.revision + 1);
  });

  it('keeps the class that was told of the same blast', () => {
    const all = blast(POLES, source, 1);
    const [known] = lastOf(run(all));
    const after = new SiteLocator(SITE);
    after.setWeather(STILL);
    after.restore([{ ...known, incidentId: 'told', class: 'explosion' }]);
    for (const one of all) after.add(detection(one));
    const told = after.flush().map(({ incident }) => [incident.incidentId, incident.class]);
    expect(new Set(told.flat())).toEqual(new Set(['told', 'explosion']));
  });

  it('closes what is not heard of again', () => {
    const [known] = lastOf(run(blast(POLES, source, 1)));
    const after = new SiteLocator(SITE);
    after.restore([known]);
    const steps = after.flush();
    expect(steps.map(({ change }) => change)).toEqual(['closed']);
  });
});

describe('A night of fireworks', () => {
  it('becomes one grouped incident after ten in a minute, updated every 10 s and closed at the end', () => {
    const next = random(11);
    const heard = Array.from({ length: 24 }, (_, i) =>
      blast(POLES, { east: next() * 300 - 150, north: next() * 300 - 150 }, 1 + i * 5.5, {
        score: (meters) => (meters < 300 ? 0.91 : 0.2),
      }).filter(({ pole }) => pole % 5 === 0),
    ).flat();
    const steps = run(heard);
    const grouped = steps.filter(({ incident }) => incident.reasons.some((r) => r.class === 'fireworks'));
    expect(new Set(grouped.map(({ incident }) => incident.incidentId)).size).toBe(1);
    expect(grouped[0].change).toBe('detected');
    expect(grouped.at(-1)!.change).toBe('closed');
    const updates = grouped.filter(({ change }) => change === 'updated');
    for (let i = 1; i < updates.length; i++) {
      const apart = Number(updates[i].siteTimeNanos - updates[i - 1].siteTimeNanos) / 1e9;
      expect(apart).toBeGreaterThanOrEqual(10);
    }
    expect(lastOf(steps).length).toBeLessThan(24);
  });

  it('does not swallow a located gunshot that many poles are sure of', () => {
    const next = random(12);
    const night = Array.from({ length: 24 }, (_, i) =>
      blast(POLES, { east: next() * 300 - 150, north: next() * 300 - 150 }, 1 + i * 4, {
        score: (meters) => (meters < 300 ? 0.91 : 0.2),
      }).filter(({ pole }) => pole % 5 === 0),
    ).flat();
    const source = { east: 90, north: -120 };
    const shot = blast(POLES, source, 70, { score: (meters) => (meters < 400 ? 0.99 : 0.6) });
    const incidents = lastOf(run([...night, ...shot]));
    expect(incidents.some(({ reasons }) => reasons.some((r) => r.class === 'fireworks'))).toBe(true);
    const alone = incidents.filter(
      (one) => one.method === 'multilateration' && Math.abs(secondsAfterZero(one.onsetNanos) - 70) < 0.1,
    );
    expect(alone).toHaveLength(1);
    expect(metersFrom(alone[0], source)).toBeLessThan(2);
  });
});
