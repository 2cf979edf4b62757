import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runScene } from '../../src/cli/run-scene.js';
import { openRecording, readScene } from '../../src/feeds/index.js';
import { loadModel, startClassifier, type Classifier, type Model } from '../../src/listen/index.js';
import { gccPhat } from '../../src/listen/gcc-phat.js';
import { distanceMeters, LocalPlane, soundSpeed } from '../../src/locate/index.js';
import type { CloudEvent } from '../../src/publish/index.js';
import { parseSceneSpec, writeScene } from '../../src/simulate/index.js';

const MICROPHONES = [
  [0, 0, 0],
  [0.5, 0, 0],
  [0, 0.5, 0],
];
const FIRST: [number, number] = [5.3745, 43.2955];
/** 97 m to the east. */
const SECOND: [number, number] = [5.3757, 43.2955];

let folder: string;
let model: Model;
let classifier: Classifier;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'microphones-'));
  const shipped = await loadModel();
  // Where the sound comes from is asked here, not how sure of it one pole is: it may speak alone wherever it hears one.
  const { gunshot } = shipped.thresholds;
  model = { ...shipped, thresholds: { ...shipped.thresholds, gunshot: { ...gunshot, alone: gunshot.on } } };
  classifier = await startClassifier(model);
});
afterAll(async () => {
  await classifier.close();
  await rm(folder, { recursive: true });
});

function siteOf(places: readonly [number, number][]) {
  return {
    type: 'FeatureCollection',
    properties: { site: 'arrays' },
    features: places.map((coordinates, i) => ({
      type: 'Feature',
      geometry: { type: 'Point', coordinates },
      properties: { pole: `pole${i}`, fullScaleDbSpl: 130, microphones: MICROPHONES },
    })),
  };
}

const SHOT = { kind: 'gunshot', gun: 'shotgun', shots: 3, atSeconds: 1 };

async function make(places: readonly [number, number][], at: [number, number], seed: number, change = {}) {
  const base = {
    name: 'arrays',
    seed,
    start: '2026-05-01T22:04:05Z',
    seconds: 6,
    sources: [{ ...SHOT, at }],
  };
  await writeScene(parseSceneSpec({ ...base, ...change }), siteOf(places), folder);
  return readScene(folder);
}

/** The place so far from the first pole, at a bearing. */
function placeAt(degrees: number, meters: number): [number, number] {
  const radians = (degrees * Math.PI) / 180;
  return new LocalPlane(FIRST).fromPlane([meters * Math.sin(radians), meters * Math.cos(radians)]);
}

async function lastIncident(places: readonly [number, number][], at: [number, number], seed: number) {
  const { events } = await runScene(await make(places, at, seed), classifier, { speed: 'max', model });
  expect(new Set(events.map(({ data }) => data.incidentId)).size).toBe(1);
  return (events.at(-1) as CloudEvent).data;
}

describe('shots that poles with three microphones hear, from the simulated sound to the event', () => {
  test.each([
    [20, 16],
    [140, 6],
    [200, 16],
    [260, 6],
  ])('one pole tells that they come from %s°', async (degrees, seed) => {
    const { method, bearingDegrees, bearingUncertaintyDegrees } = await lastIncident(
      [FIRST],
      placeAt(degrees, 120),
      seed,
    );
    expect(method).toBe('bearing');
    expect(bearingUncertaintyDegrees).toBeLessThan(5);
    expect(Math.abs(bearingDegrees! - degrees)).toBeLessThanOrEqual(bearingUncertaintyDegrees!);
  });

  test.each([
    [20, 1],
    [80, 2],
    [140, 3],
    [200, 4],
    [320, 6],
  ])(
    'two poles tell where, to some tens of metres, and their ellipse holds it: %s° from the first',
    async (degrees, seed) => {
      const at = placeAt(degrees, 80);
      const { location, accuracy } = await lastIncident([FIRST, SECOND], at, seed);
      expect(accuracy!.semiMajorMeters).toBeLessThan(100);
      expect(distanceMeters(location!.coordinates, at)).toBeLessThan(accuracy!.semiMinorMeters);
    },
  );
});

test('each microphone hears a sound after the time to its own place, to a fraction of a sample', async () => {
  const at = placeAt(60, 100);
  const weather = { temperatureC: 20, relativeHumidity: 50 };
  const scene = await make([FIRST], at, 1, { echoes: false, weather, clockErrorSeconds: 0.01 });
  const recording = await openRecording(scene.recordings[0].file);
  const channels = (await recording.pieces().next()).value!;
  const [east, north] = new LocalPlane(FIRST).toPlane(at);
  const metersTo = ([e, n]: readonly number[]) => Math.hypot(east - e, north - n);
  const arrival = Math.floor((1 + 100 / 343) * recording.sampleRateHz);
  const [first, ...others] = channels.map((channel: Float32Array) => channel.slice(arrival, arrival + 2048));
  for (const [i, other] of others.entries()) {
    const expected = (metersTo(MICROPHONES[i + 1]) - metersTo(MICROPHONES[0])) / soundSpeed(20, 50);
    const measured = gccPhat(first, other, recording.sampleRateHz, 0.002)!;
    expect(Math.abs(measured.seconds - expected) * recording.sampleRateHz).toBeLessThan(0.1);
  }
});
