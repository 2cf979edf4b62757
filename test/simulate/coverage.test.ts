import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { PNG } from 'pngjs';
import { expect, test } from 'vitest';
import { parseSite } from '../../src/config/index.js';
import { placeCovariance, type Sighting } from '../../src/simulate/coverage/bound.js';
import { computeCoverage, coverageGeoJson, drawCoverage } from '../../src/simulate/index.js';

const site = parseSite(JSON.parse(await readFile('fixtures/site.geojson', 'utf8')));

test('in the middle of a ring of n poles the bound is 2c²σ²/n on each axis', () => {
  for (const n of [3, 4, 6, 12]) {
    const ring = Array.from({ length: n }, (_, i): Sighting => {
      const angle = (2 * Math.PI * i) / n;
      return { east: 200 * Math.cos(angle), north: 200 * Math.sin(angle), sigmaSeconds: 0.005 };
    });
    const [ee, en, nn] = placeCovariance(ring, 343)!;
    expect(ee).toBeCloseTo((2 * 343 ** 2 * 0.005 ** 2) / n, 9);
    expect(nn).toBeCloseTo(ee, 9);
    expect(en).toBeCloseTo(0, 9);
  }
});

test('the bound is the inverse of the full information matrix, emission time included', () => {
  const metre = fc.double({ min: -500, max: 500, noNaN: true });
  const sighting = fc.record({
    east: metre,
    north: metre,
    sigmaSeconds: fc.double({ min: 0.002, max: 0.05, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(sighting, { minLength: 4, maxLength: 9 }), (sightings) => {
      const bound = placeCovariance(sightings, 340);
      fc.pre(bound !== undefined && bound[0] + bound[2] < 1e6);
      // J·[ee, en, x]ᵀ must be [1, 0, 0]ᵀ for some x: the first column of the inverse.
      const j = [0, 0, 0, 0, 0, 0];
      for (const { east, north, sigmaSeconds } of sightings) {
        const r = Math.max(1, Math.hypot(east, north));
        const h = [east / r / 340, north / r / 340, 1];
        const w = 1 / sigmaSeconds ** 2;
        [h[0] * h[0], h[0] * h[1], h[0] * h[2], h[1] * h[1], h[1] * h[2], h[2] * h[2]].forEach(
          (v, k) => (j[k] += w * v),
        );
      }
      const [ee, en] = bound!;
      const x = -(j[2] * ee + j[4] * en) / j[5];
      expect(j[0] * ee + j[1] * en + j[2] * x).toBeCloseTo(1, 4);
      expect(Math.abs(j[1] * ee + j[3] * en + j[4] * x)).toBeLessThan(1e-4 * (1 + Math.abs(j[1] * ee)));
    }),
  );
});

test.each([
  [
    'two poles',
    [
      [0, 100],
      [100, 0],
    ],
  ],
  [
    'poles in one direction',
    [
      [0, 100],
      [0, 200],
      [0, 300],
    ],
  ],
  ['no pole', []],
])('%s cannot tell a place', (_name, places) => {
  const sightings = places.map(([east, north]) => ({ east, north, sigmaSeconds: 0.01 }));
  expect(placeCovariance(sightings, 340)).toBeUndefined();
});

test('a louder source is heard by at least as many poles everywhere, and placed at least as well', () => {
  const quiet = computeCoverage(site, { levelDbSpl: 135, cellMeters: 40 });
  const loud = computeCoverage(site, { levelDbSpl: 150, cellMeters: 40 });
  for (const [i, cell] of quiet.cells.entries()) {
    expect(loud.cells[i].polesHear).toBeGreaterThanOrEqual(cell.polesHear);
    if (cell.errorMeters !== undefined)
      expect(loud.cells[i].errorMeters).toBeLessThanOrEqual(cell.errorMeters + 1e-9);
  }
  expect(Math.max(...loud.cells.map(({ polesHear }) => polesHear))).toBe(8);
});

test('the map shows where every pole stands, in GeoJSON that closes its rings', () => {
  const map = coverageGeoJson(computeCoverage(site, { levelDbSpl: 140, cellMeters: 50 })) as {
    features: {
      geometry: { type: string; coordinates: number[][][] };
      properties: Record<string, unknown>;
    }[];
  };
  const poles = map.features.filter(({ geometry }) => geometry.type === 'Point');
  expect(poles.map(({ properties }) => properties['pole'])).toEqual(site.poles.map(({ pole }) => pole));
  for (const { geometry } of map.features.filter(({ geometry: { type } }) => type === 'Polygon')) {
    expect(geometry.coordinates[0]).toHaveLength(5);
    expect(geometry.coordinates[0][4]).toEqual(geometry.coordinates[0][0]);
  }
});

test('the picture is a PNG that others read, with a legend below the maps', () => {
  const coverage = computeCoverage(site, { levelDbSpl: 140, cellMeters: 20 });
  const png = PNG.sync.read(Buffer.from(drawCoverage(coverage, 'A title')));
  expect(png.width).toBeGreaterThan(900);
  const colours = new Set<string>();
  for (let x = 0; x < png.width; x++) {
    const at = ((png.height - 80) * png.width + x) * 4;
    colours.add(png.data.subarray(at, at + 3).toString('hex'));
  }
  // Seven colours of the error and nine of the count stand side by side.
  expect(colours.size).toBeGreaterThan(12);
});
