import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readScene } from '../../src/feeds/index.js';
import { parseSceneSpec, writeScene, type SceneSpec } from '../../src/simulate/index.js';

const siteJson: unknown = JSON.parse(await readFile('fixtures/site.geojson', 'utf8'));
const fixtures = JSON.parse(await readFile('fixtures/scenes.json', 'utf8')) as {
  folder: string;
  spec: unknown;
}[];
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scene-'));
});
afterAll(() => rm(folder, { recursive: true }));

const base = {
  name: 'a shot',
  seed: 7,
  start: '2026-05-01T22:04:05.250Z',
  seconds: 1.5,
  poles: ['belges', 'opera'],
  weather: { temperatureC: 20, windSpeed: 5, windFromDegrees: 270 },
  sources: [{ kind: 'gunshot', at: [5.3742, 43.2951], atSeconds: 0.2, shots: 2 }],
};

async function filesOf(path: string): Promise<Map<string, string>> {
  const names = (await readdir(path)).sort();
  return new Map(
    await Promise.all(
      names.map(async (name) => [name, (await readFile(join(path, name))).toString('hex')] as const),
    ),
  );
}

async function make(name: string, change: Partial<SceneSpec> | object = {}): Promise<Map<string, string>> {
  await writeScene(parseSceneSpec({ ...base, ...change }), siteJson, join(folder, name));
  return filesOf(join(folder, name));
}

test('one seed gives one scene, byte for byte; another seed another', async () => {
  const first = await make('first');
  expect([...first.keys()]).toEqual(['belges.flac', 'opera.flac', 'scene.json', 'site.geojson']);
  expect(await make('again')).toEqual(first);
  const other = await make('other', { seed: 8 });
  expect(other.get('belges.flac')).not.toBe(first.get('belges.flac'));
});

test('a scene is what replay reads: truth, weather, times, and poles without a recording marked', async () => {
  await make('read');
  const scene = await readScene(join(folder, 'read'));
  expect(scene.truth).toEqual([
    { class: 'gunshot', time: '2026-05-01T22:04:05.500Z', shots: 2, location: [5.3742, 43.2951] },
  ]);
  expect(scene.weather).toEqual(base.weather);
  expect(scene.recordings.map(({ pole }) => pole)).toEqual(['belges', 'opera']);
  expect(scene.site.poles.filter(({ recorded }) => recorded).map(({ pole }) => pole)).toEqual([
    'belges',
    'opera',
  ]);
});

test.each([
  ['a confuser is no truth', { sources: [{ kind: 'door', at: [5.374, 43.295], atSeconds: 0 }] }, []],
  [
    'what cannot be located is expected at its first arrival, without a place',
    { sources: [{ ...base.sources[0], shots: 1, expect: { location: false } }] },
    [{ class: 'gunshot', shots: 1 }],
  ],
  ['what is not to be told is not told', { sources: [{ ...base.sources[0], expect: false }] }, []],
])('truth: %s', async (name, change, truth) => {
  await make(name, { seconds: 0.5, ...change });
  const scene = await readScene(join(folder, name));
  expect(scene.truth).toMatchObject(truth);
  expect(scene.truth).toHaveLength(truth.length);
  for (const one of scene.truth) expect(one.location).toBeUndefined();
});

// Two of the smallest; `npm run fixtures` makes all of them.
test.each(['positive/shot-heard-by-few', 'negative/dogs'])(
  'the committed fixture %s is what its seed makes',
  async (name) => {
    const { spec } = fixtures.find((fixture) => fixture.folder === name)!;
    await writeScene(parseSceneSpec(spec), siteJson, join(folder, name));
    expect(await filesOf(join(folder, name))).toEqual(await filesOf(join('fixtures', name)));
  },
);

test.each([
  [
    'a kind that does not exist',
    { sources: [{ kind: 'trumpet', at: [0, 0], atSeconds: 0 }] },
    /sources\.0\.kind.*gunshot/,
  ],
  [
    'neither kind nor recording',
    { sources: [{ at: [0, 0], atSeconds: 0 }] },
    /sources\.0.*either a kind or a recording/,
  ],
  ['a source after the end', { sources: [{ ...base.sources[0], atSeconds: 9 }] }, /after the scene’s end/],
  ['an unknown key', { sorces: [] }, /sorces/],
  ['a time that is none', { start: 'yesterday' }, /yesterday/],
  ['a latitude of 91', { sources: [{ ...base.sources[0], at: [5, 91] }] }, /sources\.0\.at\.1/],
])('a specification with %s is refused with its place', (_name, change, message) => {
  expect(() => parseSceneSpec({ ...base, ...change })).toThrow(message);
});

test('a pole that the site does not have is refused by name', async () => {
  const made = writeScene(parseSceneSpec({ ...base, poles: ['nowhere'] }), siteJson, join(folder, 'nowhere'));
  await expect(made).rejects.toThrow(/pole "nowhere" is not in the site vieux-port/);
});
