import type { Coverage } from './grid.js';

const round = (value: number, digits: number): number => Number(value.toFixed(digits));

/** The map as GeoJSON: a square a cell, with `polesHear` and, where it can be told, `errorMeters`; and the poles. */
export function coverageGeoJson(coverage: Coverage): unknown {
  const { plane, cellMeters, options } = coverage;
  const half = cellMeters / 2;
  const corner = (east: number, north: number) =>
    plane.fromPlane([east, north]).map((value) => round(value, 7));
  const cells = coverage.cells.map(({ eastMeters: e, northMeters: n, polesHear, errorMeters }) => ({
    type: 'Feature',
    geometry: {
      type: 'Polygon',
      coordinates: [
        [
          corner(e - half, n - half),
          corner(e + half, n - half),
          corner(e + half, n + half),
          corner(e - half, n + half),
          corner(e - half, n - half),
        ],
      ],
    },
    properties: { polesHear, ...(errorMeters !== undefined && { errorMeters: round(errorMeters, 1) }) },
  }));
  const poles = coverage.poles.map(({ pole, east, north }) => ({
    type: 'Feature',
    geometry: { type: 'Point', coordinates: corner(east, north) },
    properties: { pole },
  }));
  return {
    type: 'FeatureCollection',
    properties: { ...options, cellMeters: round(cellMeters, 3), confidenceLevel: 0.95 },
    features: [...cells, ...poles],
  };
}
