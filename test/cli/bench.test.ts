import { describe, expect, test } from 'vitest';
import { decodeFrame, formatTime, parseTime, secondsToNanos } from '../../src/audio/index.js';
import { parseSite } from '../../src/config/index.js';
import { distanceMeters } from '../../src/locate/index.js';
import { Random } from '../../src/simulate/index.js';
import type { CloudEvent } from '../../src/publish/index.js';
import { cityOf, siteJson } from '../../src/cli/bench/city.js';
import type { ReceivedEvent } from '../../src/cli/bench/hub.js';
import { measure } from '../../src/cli/bench/latency-measure.js';
import { totalsOf } from '../../src/cli/bench/latency-report.js';
import { heardShots, planLoad } from '../../src/cli/bench/load-plan.js';
import { matchEvents } from '../../src/cli/bench/match.js';
import { planInjections, type Injection } from '../../src/cli/bench/plan.js';
import { encodeLoop, PoleStream } from '../../src/cli/bench/pole-stream.js';
import { soakTotals } from '../../src/cli/bench/soak-report.js';
import { percentile, trendOf } from '../../src/cli/bench/statistics.js';

const START = parseTime('2026-05-01T22:00:00Z');
const THRESHOLDS = { gunshot: { on: 0.5, off: 0.3, alone: 0.9 } };

describe('the city and the plan', () => {
  const city = cityOf('bench', 8, 2, 3);
  const plan = planInjections(city, new Random('plan'), { incidents: 400, leadSeconds: 4 });

  test('the city is a site that the service takes, its poles 300 m apart', () => {
    const site = parseSite(siteJson(city));
    expect(site.poles).toHaveLength(48);
    expect(distanceMeters(site.poles[0].position, site.poles[1].position)).toBeCloseTo(300, 0);
  });

  test('a tenth are explosions, a few are crowds, the rest gunshots', () => {
    const count = (name: string): number => plan.filter((one) => one.class === name).length;
    expect([count('explosion'), count('crowd_clamour'), count('gunshot')]).toEqual([40, 12, 348]);
  });

  test('no two happenings of a quarter could be taken for one incident', () => {
    for (const { quarter } of city.poles) {
      const own = plan.filter((one) => one.quarter === quarter);
      own.slice(1).forEach((next, i) => {
        expect(next.atSeconds - own[i].atSeconds).toBeGreaterThan(6);
        expect(Math.hypot(next.east - own[i].east, next.north - own[i].north)).toBeGreaterThanOrEqual(150);
      });
    }
  });

  test('every pole of the quarter hears it later by its distance over the speed of sound, and no other pole does', () => {
    for (const { quarter, east, north, atSeconds, arrivals } of plan.slice(0, 20)) {
      expect([...arrivals.keys()].sort()).toEqual(
        city.poles.filter((pole) => pole.quarter === quarter).map(({ pole }) => pole),
      );
      for (const pole of city.poles.filter((one) => one.quarter === quarter)) {
        const meters = Math.hypot(pole.east - east, pole.north - north);
        expect(meters / (arrivals.get(pole.pole)! - atSeconds)).toBeCloseTo(340.9, 0);
      }
    }
  });

  test('under load a shot is heard by its quarter’s poles, and the quarter then rests', () => {
    const load = cityOf('load', 10, 2, 2);
    const shots = planLoad(load, 60, new Random('load'));
    expect(shots.length).toBeGreaterThan(30);
    expect(heardShots(load, shots)).toHaveLength(4 * shots.length);
    for (const { quarter } of load.poles) {
      const times = shots.filter((one) => one.quarter === quarter).map(({ atSeconds }) => atSeconds);
      times.slice(1).forEach((time, i) => expect(time - times[i]).toBeGreaterThanOrEqual(8));
    }
  });
});

describe('a pole’s stream', () => {
  const loop = encodeLoop(new Int16Array(3200).fill(100));
  const samplesOf = (payload: Uint8Array): Int16Array => {
    const frame = decodeFrame(payload);
    if (typeof frame === 'string') throw new Error(frame);
    return frame.pcm as Int16Array;
  };

  test('its frames follow one another without a hole, in number and in time', () => {
    const stream = new PoleStream(loop, START);
    for (let k = 0; k < 5; k++) {
      const startNanos = START + secondsToNanos(k / 10);
      expect(decodeFrame(stream.frame(k))).toMatchObject({
        sequence: k,
        startNanos,
        samplesPerChannel: 1600,
      });
    }
  });

  test('a clip’s front lies at the very sample, across frames, clipped at full scale, and the loop stays as it was', () => {
    const stream = new PoleStream(loop, START);
    stream.add({ pcm: Int16Array.of(1, 32767, 5, 6), frontSample: 1 }, 0.1);
    const [first, second] = [samplesOf(stream.frame(0)), samplesOf(stream.frame(1))];
    expect([...first.slice(-2)]).toEqual([100, 101]);
    expect([...second.slice(0, 4)]).toEqual([32767, 105, 106, 100]);
    expect(samplesOf(stream.frame(2))).toEqual(new Int16Array(1600).fill(100));
  });
});

const shot = (atSeconds: number, arrivals: Record<string, number>): Injection => ({
  index: 0,
  class: 'gunshot',
  quarter: 0,
  east: 0,
  north: 0,
  atSeconds,
  arrivals: new Map(Object.entries(arrivals)),
});

/** An event as the hub gets it `at` seconds after the start; `poles`: score by pole. */
function told(
  at: number,
  onset: number,
  poles: Record<string, number>,
  { incidentId = 'a', method = 'nearest_pole', type = 'gunshot' } = {},
): ReceivedEvent {
  const time = (seconds: number): string => formatTime(START + secondsToNanos(seconds));
  const data = {
    incidentId,
    class: type,
    method,
    onset: time(onset),
    poles: Object.entries(poles).map(([pole, score]) => ({ pole, score, arrival: time(onset) })),
  };
  return { receivedNanos: START + secondsToNanos(at), event: { data } as unknown as CloudEvent };
}

describe('what is counted', () => {
  const injection = shot(10, { p0: 10.2, p1: 10.5, p2: 10.9, p3: 11.3 });
  const latenciesOf = (...events: ReceivedEvent[]): Record<string, number> =>
    Object.fromEntries(
      measure({ injection, incidents: [events] }, THRESHOLDS, START).map(({ kind, seconds }) => [
        kind,
        seconds,
      ]),
    );

  test.each([
    ['from the nearest arrival where that pole is sure alone', { p0: 0.95 }, 'one pole alone', 0.9],
    ['… though the event waited for others', { p0: 0.95, p1: 0.6 }, 'one pole alone', 0.9],
    ['from the last of the arrivals that together decide', { p0: 0.6, p1: 0.7 }, 'several poles', 0.6],
    [
      'from the first pole that is sure, where the nearest is not',
      { p0: 0.6, p1: 0.95, p2: 0.7 },
      'several poles',
      0.6,
    ],
  ])('%s', (_, poles, kind, seconds) => {
    expect(latenciesOf(told(11.1, 10.2, poles))).toEqual({ [kind]: seconds });
  });

  test('a place counts from its fourth arrival, by the first event that has one', () => {
    const all = { p0: 0.95, p1: 0.9, p2: 0.9, p3: 0.9 };
    expect(
      latenciesOf(
        told(10.8, 10.2, { p0: 0.95 }),
        told(11.9, 10, all, { method: 'multilateration' }),
        told(13, 10, all, { method: 'multilateration' }),
      ),
    ).toEqual({ 'one pole alone': 0.6, multilateration: 0.6 });
  });

  test('missed, doubled, spurious and misnamed incidents are told apart', () => {
    const plan = [injection, shot(30, { p0: 30.2 }), shot(50, { p0: 50.2 })];
    const events = [
      told(10.9, 10.2, { p0: 0.95 }),
      told(12, 10.4, { p1: 0.95 }, { incidentId: 'twin' }),
      told(20.9, 20.2, { p0: 0.95 }, { incidentId: 'nothing' }),
      told(51, 50.2, { p0: 0.95 }, { incidentId: 'b', type: 'explosion' }),
      told(31, 30.2, { q9: 0.95 }, { incidentId: 'elsewhere' }),
    ];
    const totals = totalsOf(matchEvents(plan, events, START), THRESHOLDS, START);
    expect(totals).toMatchObject({
      injected: 3,
      found: 2,
      missed: 1,
      doubled: 1,
      spurious: 2,
      otherClass: 1,
    });
    expect(totals.failures).toEqual(['only 2 of 3 were found']);
  });

  test('a 99th percentile over its bar fails the run', () => {
    const { failures } = totalsOf(
      matchEvents([injection], [told(11.3, 10.2, { p0: 0.95 })], START),
      THRESHOLDS,
      START,
    );
    expect(failures).toEqual(['one pole alone: 99th percentile 1.1 s, bar 1 s']);
  });
});

describe('a soak', () => {
  const run = { feeds: 20, soundSeconds: 600, timesRealTime: 90, patches: 1, onsets: 1, dropped: 0 };
  const readings = (rss: (at: number) => number) =>
    Array.from({ length: 60 }, (_, i) => ({
      atSeconds: 10 * (i + 1),
      rssBytes: rss(10 * (i + 1)),
      heapBytes: 1e7,
    }));

  test.each([
    ['passes where memory only swings', 0, (at: number) => 2e8 + (at % 20) * 1e5, 0],
    ['forgives the start', 0, (at: number) => (at < 50 ? 1e8 : 2e8), 0],
    ['fails where memory grows', 0, (at: number) => 2e8 + at * 1e5, 1],
    ['fails by one incident', 1, () => 2e8, 1],
  ])('%s', (_, incidents, rss, failures) => {
    expect(soakTotals({ ...run, incidents }, readings(rss)).failures).toHaveLength(failures);
  });
});

test('percentiles go by the nearest rank', () => {
  const values = Array.from({ length: 200 }, (_, i) => 200 - i);
  expect([0.5, 0.95, 0.99, 1].map((share) => percentile(values, share))).toEqual([100, 190, 198, 200]);
  expect(percentile([], 0.5)).toBeUndefined();
});

test('a trend is the straight line through noisy readings', () => {
  const { first, last } = trendOf([
    [0, 1],
    [1, 1],
    [2, 4],
    [3, 4],
  ]);
  expect([first, last]).toEqual([expect.closeTo(0.7, 6), expect.closeTo(4.3, 6)]);
});
