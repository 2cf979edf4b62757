import type { IndexedIncident } from './incident-index.js';

/** A round step of time, so that the timeline has at most 120 bars. */
const STEPS_SECONDS = [60, 300, 900, 3600, 3 * 3600, 6 * 3600, 86_400, 7 * 86_400, 30 * 86_400, 365 * 86_400];
const MOST_BARS = 120;
/** The density map has so many cells along the longer side of what was found. */
const CELLS = 40;
/** Some 25 m: finer than a place is known. */
const LEAST_CELL_DEGREES = 2.25e-4;

export interface Statistics {
  total: number;
  byClass: Record<string, number>;
  byVerdict: Record<string, number>;
  timeline: { stepSeconds: number; bars: Array<{ from: string; byClass: Record<string, number> }> };
  /** Places counted by cells of a grid: [lon, lat] of the cell's south-west corner, its size in degrees, the count. */
  density: { cellDegrees: [number, number]; cells: Array<[lon: number, lat: number, count: number]> };
}

/** How many incidents there were, when, and where. */
export function statisticsOf(found: readonly IndexedIncident[]): Statistics {
  const byClass: Record<string, number> = {};
  const byVerdict: Record<string, number> = {};
  for (const { summary } of found) {
    count(byClass, summary.class);
    count(byVerdict, summary.review?.state ?? 'none');
  }
  return { total: found.length, byClass, byVerdict, timeline: timelineOf(found), density: densityOf(found) };
}

function timelineOf(found: readonly IndexedIncident[]): Statistics['timeline'] {
  if (found.length === 0) return { stepSeconds: STEPS_SECONDS[0], bars: [] };
  let [first, last] = [Infinity, -Infinity];
  for (const { onsetMillis } of found) {
    first = Math.min(first, onsetMillis);
    last = Math.max(last, onsetMillis);
  }
  const stepSeconds =
    STEPS_SECONDS.find((step) => (last - first) / 1000 / step < MOST_BARS - 1) ?? STEPS_SECONDS.at(-1)!;
  const step = stepSeconds * 1000;
  const from = Math.floor(first / step);
  const bars = Array.from({ length: Math.min(MOST_BARS, Math.floor(last / step) - from + 1) }, (_, i) => ({
    from: new Date((from + i) * step).toISOString(),
    byClass: {} as Record<string, number>,
  }));
  for (const { onsetMillis, summary } of found) {
    const bar = bars[Math.floor(onsetMillis / step) - from];
    if (bar) count(bar.byClass, summary.class);
  }
  return { stepSeconds, bars };
}

function densityOf(found: readonly IndexedIncident[]): Statistics['density'] {
  const places = found.flatMap(({ summary }) => (summary.location ? [summary.location] : []));
  if (places.length === 0) return { cellDegrees: [0, 0], cells: [] };
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [lon, lat] of places) {
    west = Math.min(west, lon);
    east = Math.max(east, lon);
    south = Math.min(south, lat);
    north = Math.max(north, lat);
  }
  // Cells as high as wide on the ground.
  const stretch = 1 / Math.max(0.1, Math.cos((south * Math.PI) / 180));
  const high = Math.max(LEAST_CELL_DEGREES, Math.max(north - south, (east - west) / stretch) / CELLS);
  const wide = high * stretch;
  const counts = new Map<string, [number, number, number]>();
  for (const [lon, lat] of places) {
    const [x, y] = [Math.floor((lon - west) / wide), Math.floor((lat - south) / high)];
    const cell = counts.get(`${x},${y}`);
    if (cell) cell[2]++;
    else counts.set(`${x},${y}`, [rounded(west + x * wide), rounded(south + y * high), 1]);
  }
  return { cellDegrees: [rounded(wide), rounded(high)], cells: [...counts.values()] };
}

/** 1e-7 degrees is a centimetre. */
function rounded(degrees: number): number {
  return Math.round(degrees * 1e7) / 1e7;
}

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
