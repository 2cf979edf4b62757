import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SilentFeed } from '../../src/cli/silent-feed.js';
import { isOpen, parseSite, type Hours } from '../../src/config/index.js';
import type { SoundBlock } from '../../src/feeds/index.js';
import { KillSwitch, setKillSwitch, Silence } from '../../src/privacy/index.js';
import { until } from '../publish/hub.js';
import { gunshot, step } from '../publish/incidents.js';

const nights: Hours = {
  timeZone: 'Europe/Paris',
  open: [{ days: ['fri', 'sat'], from: '22:00', to: '06:00' }],
};

describe('hours of operation are those of the site’s own clock', () => {
  test.each([
    ['2026-07-03T19:59:00Z', false, 'Friday 21:59 in summer'],
    ['2026-07-03T20:00:00Z', true, 'Friday 22:00'],
    ['2026-07-04T03:59:00Z', true, 'Saturday 05:59, of Friday’s night'],
    ['2026-07-04T04:00:00Z', false, 'Saturday 06:00'],
    ['2026-07-05T03:00:00Z', true, 'Sunday 05:00, of Saturday’s night'],
    ['2026-07-05T21:00:00Z', false, 'Sunday 23:00'],
    ['2026-12-04T20:30:00Z', false, 'Friday 21:30 in winter'],
    ['2026-12-04T21:00:00Z', true, 'Friday 22:00 in winter'],
  ])('%s: %s (%s)', (at, open) => {
    expect(isOpen(nights, Date.parse(at))).toBe(open);
  });
});

const square = {
  type: 'Feature',
  properties: { name: 'school' },
  geometry: {
    type: 'Polygon',
    coordinates: [
      [
        [5.37, 43.29],
        [5.38, 43.29],
        [5.38, 43.3],
        [5.37, 43.3],
        [5.37, 43.29],
      ],
    ],
  },
};
const siteJson = (properties: object) => ({
  type: 'FeatureCollection',
  properties: { site: 'vieux-port', ...properties },
  features: [
    ['quai-1', 5.365],
    ['quai-2', 5.375],
  ].map(([pole, lon]) => ({
    type: 'Feature',
    geometry: { type: 'Point', coordinates: [lon, 43.295] },
    properties: { pole },
  })),
});
const site = (properties: object = {}) => parseSite(siteJson(properties));

describe('mute zones', () => {
  const silence = new Silence({ site: site({ muteZones: [square] }) });
  const { location: _none, ...unplaced } = gunshot();
  const at = (pole: string) => ({ ...unplaced, poles: unplaced.poles.map((one) => ({ ...one, pole })) });

  test('a pole that stands in one is not listened to, the others are', () => {
    expect(silence.ofPole('quai-2', Date.now())).toBe('mute_zone');
    expect(silence.ofPole('quai-1', Date.now())).toBeUndefined();
  });

  test.each([
    ['a place in it', gunshot({ location: [5.372, 43.295] }), 'mute_zone'],
    ['a place outside', gunshot({ location: [5.36, 43.295] }), undefined],
    ['no place, the nearest pole in it', at('quai-2'), 'mute_zone'],
    ['no place, the nearest pole outside', at('quai-1'), undefined],
    ['no place and no known pole: silence', at('nowhere'), 'mute_zone'],
  ])('of an incident with %s: %s', (_what, incident, reason) => {
    expect(silence.ofIncident(incident)).toBe(reason);
  });

  // The square's western side is at 5.37°: a degree of longitude is 81 km here, of latitude 111 km.
  test.each([
    ['reaches it', 90, 100, 20, 'mute_zone'],
    ['ends before it', 90, 70, 20, undefined],
    ['is long past it, and turned away', 0, 500, 20, undefined],
  ])('of an incident 81 m west of it whose ellipse %s: %s', (_what, azimuth, major, minor, reason) => {
    const accuracy = {
      semiMajorMeters: major,
      semiMinorMeters: minor,
      azimuthDegrees: azimuth,
      confidenceLevel: 0.95 as const,
    };
    const near = gunshot({ location: [5.369, 43.295], accuracy });
    expect(silence.ofIncident(near)).toBe(reason);
    expect(silence.ofIncident(near, { told: true })).toBe(reason);
  });

  test('a crowd whose area reaches into it is not told', () => {
    const crowd = gunshot({
      location: [5.36, 43.295],
      area: [
        [5.36, 43.295],
        [5.372, 43.295],
        [5.36, 43.296],
        [5.36, 43.295],
      ],
    });
    expect(silence.ofIncident(crowd)).toBe('mute_zone');
  });

  test('a place in it is nobody’s to know, whoever was told before', () => {
    const inside = gunshot({ location: [5.372, 43.295] });
    expect(silence.ofIncident(inside, { told: true })).toBe('mute_zone');
  });

  test('who was told hears no more of it than that it has ended, without place or poles', () => {
    const inside = gunshot({ location: [5.372, 43.295], bearingDegrees: 12, area: [[5.372, 43.295]] });
    const as = (change: 'updated' | 'closed', told: boolean) =>
      silence.ofStep(step(change, inside), { told, exercise: false });
    expect(as('updated', true)).toEqual({ withheld: 'mute_zone' });
    expect(as('closed', false)).toEqual({ withheld: 'mute_zone' });
    const { step: ending, withheld } = as('closed', true);
    expect(withheld).toBe('mute_zone');
    expect(ending).toMatchObject({ change: 'closed', incident: { method: 'none', poles: [] } });
    for (const where of ['location', 'accuracy', 'area', 'bearingDegrees', 'insideHull', 'conditionNumber'])
      expect(ending!.incident).not.toHaveProperty(where);
  });

  test('what was withheld begins for the hub once its place is clear; what was told goes on', () => {
    const clear = step('updated', gunshot({ location: [5.36, 43.295] }));
    expect(silence.ofStep(clear, { told: false, exercise: false }).step?.change).toBe('detected');
    expect(silence.ofStep(clear, { told: true, exercise: false }).step).toBe(clear);
  });
});

describe('what cannot be read is silence, or no start', () => {
  test.each([
    ['an unknown time zone', { hours: { ...nights, timeZone: 'Europe/Massilia' } }, 'time zone'],
    [
      'a time of day that is none',
      { hours: { ...nights, open: [{ from: '25:00', to: '06:00' }] } },
      'time of day',
    ],
    ['hours without a span', { hours: { timeZone: 'UTC', open: [] } }, 'no span'],
    [
      'a mute zone with a ring that is open',
      {
        muteZones: [
          {
            ...square,
            geometry: {
              type: 'Polygon',
              coordinates: [
                [
                  [5, 43],
                  [5.1, 43],
                  [5.1, 43.1],
                  [5, 43.2],
                ],
              ],
            },
          },
        ],
      },
      'begins',
    ],
    [
      'a mute zone that is no polygon',
      { muteZones: [{ ...square, geometry: { type: 'Point', coordinates: [5, 43] } }] },
      'muteZones',
    ],
    ['mute zones that are no list', { muteZones: 'school' }, 'muteZones'],
  ])('%s: the site is refused by name', (_what, properties, named) => {
    expect(() => site(properties)).toThrow(named);
  });

  test.each<[string, object, object]>([
    ['mutezones', { mutezones: [square] }, {}],
    ['mute_zones', { mute_zones: [square] }, {}],
    ['muteZone', { muteZone: [square] }, {}],
    ['muetZones', { muetZones: [square] }, {}],
    ['Hours', { Hours: nights }, {}],
    ['muteZones beside the properties', {}, { muteZones: [square] }],
    ['hours beside the properties', {}, { hours: nights }],
  ])('%s: a slip that would be no silence at all is no start', (_what, properties, beside) => {
    const json = { ...siteJson(properties), ...beside };
    expect(() => parseSite(json)).toThrow(/is this meant as (properties\.)?(hours|muteZones)/);
  });

  test('so is a key that would leave a pole without one; other unknown properties are ignored', () => {
    const json = siteJson({ house: 'x', mute: 'x', note: 'x', timeZones: ['x'] });
    Object.assign(json.features[1].properties, { public: true, height: 5 });
    expect(parseSite(json).poles).toHaveLength(2);
    Object.assign(json.features[1].properties, { public_key: 'x' });
    expect(() => parseSite(json)).toThrow(/features\.1\.properties\.public_key.*publicKey/);
  });

  test('hours that fail only when they are asked', () => {
    const broken = { ...site(), hours: { timeZone: 'nowhere', open: [] } };
    expect(new Silence({ site: broken }).ofPole('quai-1', Date.now())).toBe('unknown');
    expect(new Silence({ site: broken }).ofIncident(gunshot())).toBe('unknown');
  });
});

describe('the kill switch', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'clameur-switch-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test('is off before it was read, without its file, and where it says anything but on', async () => {
    const file = join(folder, 'switch');
    const seen: boolean[] = [];
    const killSwitch = new KillSwitch(file, ({ on }) => seen.push(on));
    const silence = new Silence({ site: site(), killSwitch });
    const reason = () => [
      silence.ofPole('quai-1', Date.now()),
      silence.ofIncident(gunshot(), { told: true }),
    ];
    expect(reason()).toEqual(['kill_switch', 'kill_switch']);
    await killSwitch.start();
    try {
      expect(killSwitch.state.reason).toContain('ENOENT');
      await setKillSwitch(file, true);
      await until('it is on', () => killSwitch.state.on);
      expect(reason()).toEqual([undefined, undefined]);
      await writeFile(file, 'maybe');
      await until('it is off', () => !killSwitch.state.on);
      expect(reason()).toEqual(['kill_switch', 'kill_switch']);
      expect(seen).toEqual([false, true, false]);
    } finally {
      killSwitch.stop();
    }
  });
});

test('in a silence no sound goes further, what is held is wiped, and after it sound begins afresh', () => {
  const switched = { state: { on: true } };
  const seen: string[] = [];
  const feed = new SilentFeed(
    {
      onBlock: (pole, block) => void seen.push(`${pole} sound${block.afterBreak ? ' afresh' : ''}`),
      onState: (pole, state, reason) => void seen.push(`${pole} ${state}${reason ? `: ${reason}` : ''}`),
      onEnd: () => undefined,
    },
    new Silence({ site: site(), killSwitch: switched }),
    false,
  );
  const block: SoundBlock = {
    startNanos: 0n,
    samples: new Float32Array(16),
    afterBreak: false,
    filledSamples: 0,
  };
  feed.onState('quai-1', 'live');
  void feed.onBlock('quai-1', block);
  switched.state.on = false;
  feed.tick();
  void feed.onBlock('quai-1', block);
  feed.onState('quai-1', 'live');
  switched.state.on = true;
  void feed.onBlock('quai-1', block);
  void feed.onBlock('quai-1', block);
  expect(seen).toEqual([
    'quai-1 live',
    'quai-1 sound',
    'quai-1 waiting: the kill switch is off',
    'quai-1 live',
    'quai-1 sound afresh',
    'quai-1 sound',
  ]);
});
