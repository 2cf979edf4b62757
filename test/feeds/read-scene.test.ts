import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { readScene } from '../../src/feeds/index.js';
import { wavFile } from '../support/wav.js';

const root = mkdtempSync(join(tmpdir(), 'clameur-scene-'));
let folder: string;
let count = 0;
afterAll(() => rmSync(root, { recursive: true, force: true }));

const pole = (name: string, more: object = {}) => ({
  type: 'Feature',
  geometry: { type: 'Point', coordinates: [5.37, 43.29, 12] },
  properties: { pole: name, ...more },
});
const site = (...features: object[]) => ({
  type: 'FeatureCollection',
  properties: { site: 'port' },
  features,
});
const recording = (name: string, more: object = {}) => ({
  pole: name,
  file: `${name}.wav`,
  start: '2026-05-01T22:04:05.250Z',
  ...more,
});

beforeEach(() => {
  folder = join(root, `scene-${count++}`);
  mkdirSync(folder);
  for (const name of ['p1', 'p2']) writeFileSync(join(folder, `${name}.wav`), wavFile(16000, [[0, 0.5]]));
});

function write(
  scene: unknown,
  geojson: unknown = site(pole('p1'), pole('p2'), pole('p3', { recorded: false })),
) {
  const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  writeFileSync(join(folder, 'scene.json'), text(scene));
  writeFileSync(join(folder, 'site.geojson'), text(geojson));
}

describe('a scene folder', () => {
  test('is read whole', async () => {
    write({
      name: 'three shots',
      source: 'us',
      licence: 'CC BY 4.0',
      recordings: [recording('p1', { clockUncertaintySeconds: 0.001 }), recording('p2')],
      weather: { temperatureC: 12.5 },
      truth: [{ class: 'gunshot', shots: 3, location: [5.37, 43.29], accuracyMeters: 2.5 }],
      more: 'is ignored',
    });
    const scene = await readScene(folder);
    expect(scene).toMatchObject({
      name: 'three shots',
      licence: 'CC BY 4.0',
      site: { site: 'port' },
      recordings: [
        { pole: 'p1', startNanos: 1_777_673_045_250_000_000n, clockUncertaintySeconds: 0.001 },
        { pole: 'p2' },
      ],
      weather: { temperatureC: 12.5 },
      truth: [{ class: 'gunshot', shots: 3, location: [5.37, 43.29], accuracyMeters: 2.5 }],
    });
    expect(scene.recordings[0].file).toBe(join(folder, 'p1.wav'));
    expect(scene.weather).not.toHaveProperty('windSpeed');
    expect(scene.recordings[1]).not.toHaveProperty('clockUncertaintySeconds');
  });

  test.each<[string, unknown, unknown, string, RegExp]>([
    [
      'two recordings of one pole',
      { recordings: [recording('p1'), recording('p1')] },
      undefined,
      'SCENE_INVALID',
      /pole "p1" has two recordings/,
    ],
    [
      'a pole that is not in the site',
      { recordings: [recording('p9', { file: 'p1.wav' })] },
      undefined,
      'SCENE_INVALID',
      /pole "p9" is not in .*site\.geojson/,
    ],
    [
      'a recording of a pole that records nothing',
      { recordings: [recording('p3', { file: 'p1.wav' })] },
      undefined,
      'SCENE_INVALID',
      /p3.*"recorded": false/,
    ],
    [
      'a file that is not there',
      { recordings: [recording('p1', { file: 'gone.wav' })] },
      undefined,
      'SCENE_INVALID',
      /p1.*gone\.wav, is not there/,
    ],
    [
      'a time that is none',
      { recordings: [recording('p1', { start: 'yesterday' })] },
      undefined,
      'SCENE_INVALID',
      /recordings\.0\.start: "yesterday" is not an RFC 3339 time/,
    ],
    ['no recordings', { recordings: [] }, undefined, 'SCENE_INVALID', /has no recordings/],
    [
      'a class that is none',
      { recordings: [recording('p1')], truth: [{ class: 'bang' }] },
      undefined,
      'SCENE_INVALID',
      /truth\.0\.class/,
    ],
    [
      'a scene.json that is no JSON',
      '{"recordings": [',
      undefined,
      'SCENE_INVALID',
      /scene\.json: is not JSON/,
    ],
    [
      'a site with two poles of one id',
      { recordings: [recording('p1')] },
      site(pole('p1'), pole('p1')),
      'SITE_INVALID',
      /pole "p1" stands twice/,
    ],
    [
      'a pole without coordinates',
      { recordings: [recording('p1')] },
      site({ type: 'Feature', geometry: null, properties: { pole: 'p1' } }),
      'SITE_INVALID',
      /features\.0\.geometry/,
    ],
    [
      'a site that is no JSON',
      { recordings: [recording('p1')] },
      'site:',
      'SITE_INVALID',
      /site\.geojson: is not JSON/,
    ],
  ])('with %s is refused by name', async (_, scene, geojson, code, message) => {
    write(scene, geojson);
    const refused = await readScene(folder).then(
      () => undefined,
      (error: Error) => error,
    );
    expect(refused).toMatchObject({ code });
    expect(refused!.message).toMatch(message);
    expect(refused!.message).toContain(folder);
  });

  test('without a scene.json, or not there at all, is refused', async () => {
    await expect(readScene(folder)).rejects.toMatchObject({ code: 'SCENE_INVALID' });
    await expect(readScene(join(root, 'nowhere'))).rejects.toThrow(
      /nowhere: there is no such file or folder/,
    );
  });
});

describe('a single audio file', () => {
  test('is a scene of one pole at an unknown place of site "local", from 1970 on', async () => {
    const scene = await readScene(join(folder, 'p1.wav'));
    expect(scene.site).toMatchObject({
      site: 'local',
      poles: [{ pole: 'p1', positionUncertaintyMeters: Infinity }],
    });
    expect(scene.recordings).toEqual([{ pole: 'p1', file: join(folder, 'p1.wav'), startNanos: 0n }]);
  });

  test('can be told its site and its start', async () => {
    write({});
    const scene = await readScene(join(folder, 'p2.wav'), {
      site: join(folder, 'site.geojson'),
      startNanos: 5n,
    });
    expect(scene.site.site).toBe('port');
    expect(scene.recordings[0]).toMatchObject({ pole: 'p2', startNanos: 5n });
  });

  test('that is named after none of several poles is refused', async () => {
    write({});
    const path = join(folder, 'other name.wav');
    writeFileSync(path, wavFile(16000, [[0]]));
    await expect(readScene(path, { site: join(folder, 'site.geojson') })).rejects.toThrow(
      /name the file after its pole/,
    );
    expect((await readScene(path)).recordings[0].pole).toBe('pole');
  });
});
