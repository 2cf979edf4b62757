import geodesic from 'geographiclib-geodesic';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseSite } from '../../src/config/index.js';
import { composeReport, rate, reportCsv, reportHtml, share, Tally } from '../../src/review/index.js';
import { alertsOf } from '../../src/review/alert.js';
import { figuresOf, groupsOf } from '../../src/review/figures.js';
import type { RecordedVerdict } from '../../src/review/verdict.js';
import { hullSquareKilometers, squareKilometers, zonesOf } from '../../src/review/zones.js';
import { composeEvent } from '../../src/publish/index.js';
import { CONTEXT, gunshot, ONSET, step } from '../publish/incidents.js';

describe('intervals', () => {
  // (p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n), z = 1.959964, worked out in 50 digits elsewhere.
  test.each([
    [0, 10, 0, 0.2775327998],
    [8, 10, 0.4901624772, 0.9433178178],
    [1, 1, 0.2065493143, 1],
    [50, 100, 0.4038315303, 0.5961684697],
  ])('%i of %i: Wilson’s, as the reference has it', (k, n, low, high) => {
    const estimate = share(k, n)!;
    expect(estimate.value).toBe(k / n);
    expect(estimate.low).toBeCloseTo(low, 6);
    expect(estimate.high).toBeCloseTo(high, 6);
  });

  // The exact Poisson interval (chi-square), which Byar's follows within 1 % of the upper end.
  test.each([
    [0, 0, 3.6889],
    [1, 0.0253, 5.5716],
    [10, 4.7954, 18.3904],
    [100, 81.364, 121.6273],
  ])('a count of %i: Byar’s, near the exact one', (k, low, high) => {
    const estimate = rate(k, 1)!;
    expect(Math.abs(estimate.low - low)).toBeLessThan(0.02);
    expect(Math.abs(estimate.high / high - 1)).toBeLessThan(0.01);
  });

  test('they hold their value, lie within their range, and are absent without a trial', () => {
    fc.assert(
      fc.property(fc.nat(2000), fc.nat(2000), (k, more) => {
        const estimate = share(k, k + more);
        if (k + more === 0) return estimate === undefined;
        const { value, low, high } = estimate!;
        return 0 <= low && low <= value && value <= high && high <= 1;
      }),
    );
    expect(share(0, 0)).toBeUndefined();
    expect(rate(3, 0)).toBeUndefined();
  });
});

const square = (name: string, west: number, south: number, size = 0.01) => ({
  type: 'Feature',
  properties: { name },
  geometry: {
    type: 'Polygon',
    coordinates: [
      [
        [west, south],
        [west + size, south],
        [west + size, south + size],
        [west, south + size],
        [west, south],
      ],
    ],
  },
});
const site = parseSite({
  type: 'FeatureCollection',
  properties: {
    site: 'vieux-port',
    zones: [square('west', 5.365, 43.29), square('east', 5.375, 43.29)],
  },
  features: [
    ['quai-1', 5.37, 43.291],
    ['quai-2', 5.371, 43.299],
    ['quai-3', 5.38, 43.295],
  ].map(([pole, lon, lat]) => ({
    type: 'Feature',
    geometry: { type: 'Point', coordinates: [lon, lat] },
    properties: { pole },
  })),
});

describe('zones', () => {
  test('a place belongs to the first zone that holds it, without a place the nearest pole’s does', () => {
    const zoneOf = zonesOf(site);
    const event = (changes: object) => ({
      data: composeEvent(step('detected', gunshot(changes)), CONTEXT).data,
    });
    expect(zoneOf(event({ location: [5.37, 43.295] }))).toBe('west');
    expect(zoneOf(event({ location: [5.38, 43.295] }))).toBe('east');
    expect(zoneOf(event({ location: [5.5, 43.295] }))).toBe('outside');
    const { location: _none, ...unplaced } = gunshot();
    expect(zoneOf({ data: composeEvent(step('detected', unplaced), CONTEXT).data })).toBe('west');
  });

  test('areas are those of the ellipsoid, as GeographicLib has them', () => {
    const [corners] = site.zones![0].polygons[0];
    const polygon = geodesic.Geodesic.WGS84.Polygon(false);
    for (const [lon, lat] of corners.slice(1)) polygon.AddPoint(lat, lon);
    const { area } = polygon.Compute(false, true) as { area: number };
    expect(Math.abs(squareKilometers(site.zones![0]) / (area / 1e6) - 1)).toBeLessThan(1e-4);
    expect(hullSquareKilometers(site)).toBeGreaterThan(0.2);
  });
});

const AT = Number(ONSET / 1_000_000n);
let next = 0;
function verdict(
  state: RecordedVerdict['verdict'],
  changes: Partial<RecordedVerdict['incident']> & { reason?: 'fireworks' } = {},
): RecordedVerdict {
  const { reason, ...incident } = changes;
  const onset = new Date(AT + next++).toISOString();
  return {
    incidentId: `id-${next}`,
    verdict: state,
    ...(reason && { reason }),
    at: onset,
    site: 'vieux-port',
    incident: {
      class: 'gunshot',
      onset,
      confidence: 0.9,
      revision: 1,
      pole: 'quai-1',
      score: 0.9,
      polesHeard: 4,
      zone: 'west',
      exercise: false,
      ...incident,
    },
  };
}
const span = { fromMillis: AT - 1000, toMillis: AT + 86_400_000 - 1000 };

test('unconfirmed is counted apart from false, exercises not at all, and the last verdict counts', () => {
  const told = (incidentId: string, exercise = false) =>
    composeEvent(step('detected', gunshot({ incidentId })), { ...CONTEXT, exercise });
  const first = { ...verdict('dismissed', { reason: 'fireworks' }), incidentId: 'judged' };
  const alerts = alertsOf(
    [told('silent-1'), told('silent-2'), told('judged'), told('drill', true)],
    [first, { ...first, verdict: 'confirmed' }, verdict('confirmed', { exercise: true })],
    { ...span, zoneOf: () => undefined },
  );
  expect(figuresOf(alerts)).toMatchObject({
    alerts: 3,
    confirmed: 1,
    dismissed: 0,
    unconfirmed: 2,
    reasons: {},
  });
});

test('groups by hour are those of the site’s own clock', () => {
  const alerts = alertsOf([], [verdict('confirmed', { onset: '2026-07-01T22:30:00Z' })], {
    fromMillis: 0,
    toMillis: Infinity,
    zoneOf: () => undefined,
  });
  expect(groupsOf(alerts, 'hour', 'Europe/Paris').map(({ key }) => key)).toEqual(['00']);
  expect(groupsOf(alerts, 'hour').map(({ key }) => key)).toEqual(['22']);
});

describe('the report', () => {
  const verdicts = [
    ...Array.from({ length: 6 }, (_, i) => verdict('confirmed', { score: 0.9 + i / 100 })),
    ...Array.from({ length: 4 }, (_, i) =>
      verdict('dismissed', { score: 0.65 + i / 10, reason: 'fireworks' }),
    ),
    verdict('unsure', { zone: 'east', pole: 'quai-3' }),
  ];
  const report = composeReport({
    site,
    ...span,
    nowMillis: span.toMillis,
    events: [],
    verdicts,
    tallies: [
      {
        site: 'vieux-port',
        from: new Date(span.fromMillis).toISOString(),
        to: new Date(span.toMillis).toISOString(),
        soundSeconds: { 'quai-1': 86_400, 'quai-2': 43_200 },
        alerts: [],
      },
    ],
  });

  test('has precision, false alarms a pole-day, uptime, and each zone by its square kilometres', () => {
    expect(report.total.precision).toEqual(share(6, 10));
    expect(report.exposure).toMatchObject({ poles: 3, poleDays: 1.5, uptime: 0.5 });
    expect(report.falseAlarmsPerPoleDay!.value).toBeCloseTo(4 / 1.5);
    expect(report.unwantedAtMostPerPoleDay!.value).toBeCloseTo(5 / 1.5);
    const [west, east] = report.zones;
    expect(west.alertsPerSquareKilometerDay!.value).toBeCloseTo(10 / squareKilometers(site.zones![0]), 6);
    expect([west.poles, east.poles]).toEqual([2, 1]);
    expect(report.poles.find(({ key }) => key === 'quai-2')).toMatchObject({ alerts: 0, uptime: 0.5 });
  });

  test('suggests the highest threshold that keeps every confirmed alert of a pole, and what it would have spared', () => {
    expect(report.suggestions).toEqual([
      { pole: 'quai-1', class: 'gunshot', on: 0.9, avoids: 3, dismissed: 4, confirmed: 6 },
    ]);
  });

  test('a day that EVENTS has forgotten is not passed off as a quiet one', () => {
    const late = composeReport({
      site,
      ...span,
      nowMillis: span.toMillis,
      events: [],
      eventsSinceMillis: AT + 3_600_000,
      verdicts,
      tallies: [],
    });
    expect(late.completeSince).toBe(new Date(AT + 3_600_000).toISOString());
    expect(late.falseAlarmsPerPoleDay).toBeUndefined();
    expect(reportHtml(late)).toContain('only alerts with a verdict are counted');
  });

  test('is a CSV of one row a group, safe to open in a spreadsheet, and a page without a script', () => {
    const named = composeReport({
      site,
      ...span,
      nowMillis: AT,
      events: [],
      verdicts: [verdict('confirmed', { pole: '=cmd("x")' })],
      tallies: [],
    });
    const lines = reportCsv(named).trim().split('\r\n');
    expect(new Set(lines.slice(1).map((line) => line.split(',')[0]))).toEqual(
      new Set(['total', 'class', 'pole', 'hour', 'zone']),
    );
    expect(reportCsv(named)).toContain(`"'=cmd(""x"")"`);
    expect(reportHtml(named)).not.toMatch(/<script|=cmd\("x"\)/);
  });
});

test('a tally that was stored is counted no more, and what came meanwhile is', () => {
  let now = 1000;
  const tally = new Tally('vieux-port', () => now);
  tally.sound('quai-1', 10);
  tally.alert('gunshot', 'west');
  now = 2000;
  const stored = tally.read();
  tally.sound('quai-1', 5);
  tally.alert('gunshot', 'west');
  tally.alert('explosion', undefined);
  tally.reset(stored);
  now = 3000;
  expect(tally.read()).toEqual({
    site: 'vieux-port',
    from: new Date(2000).toISOString(),
    to: new Date(3000).toISOString(),
    soundSeconds: { 'quai-1': 5 },
    alerts: [
      { class: 'gunshot', zone: 'west', count: 1 },
      { class: 'explosion', count: 1 },
    ],
  });
});
