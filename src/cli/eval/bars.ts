import type { Figure } from './bootstrap.js';
import { escapeText } from './charts.js';

export interface Bar {
  name: string;
  figure: Figure;
}

const WIDTH = 560;
const LEFT = 200;
const RIGHT = 60;
const TOP = 36;
const ROW = 18;
const TICKS = [0, 0.25, 0.5, 0.75, 1];

/** Shares from 0 to 1 as bars with their intervals, as SVG: no script, no font, nothing to fetch. */
export function drawBars(title: string, axis: string, bars: readonly Bar[]): string {
  const bottom = TOP + ROW * bars.length;
  const height = bottom + 44;
  const at = (value: number): number =>
    Math.round((LEFT + Math.min(1, Math.max(0, value)) * (WIDTH - LEFT - RIGHT)) * 10) / 10;
  const grid = TICKS.map(
    (tick) =>
      `<line x1="${at(tick)}" x2="${at(tick)}" y1="${TOP}" y2="${bottom}" stroke="#ddd"/>` +
      `<text x="${at(tick)}" y="${bottom + 16}" text-anchor="middle">${tick}</text>`,
  );
  const rows = bars.map(({ name, figure: { value, low, high } }, i) => {
    const y = TOP + ROW * i;
    const middle = y + ROW / 2;
    const interval =
      low === undefined || high === undefined
        ? ''
        : `<line x1="${at(low)}" x2="${at(high)}" y1="${middle}" y2="${middle}" stroke="#222" stroke-width="1.5"/>`;
    return (
      `<text x="${LEFT - 8}" y="${middle + 4}" text-anchor="end">${escapeText(name)}</text>` +
      `<rect x="${LEFT}" y="${y + 3}" width="${Math.round((at(value) - LEFT) * 10) / 10}" height="${ROW - 6}" fill="#0b6e4f"/>${interval}` +
      `<text x="${Math.max(at(value), at(high ?? value)) + 6}" y="${middle + 4}">${value.toFixed(3)}</text>`
    );
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="${escapeText(title)}" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">` +
    `<rect width="100%" height="100%" fill="white"/>${grid.join('')}${rows.join('')}` +
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${height - 10}" text-anchor="middle">${escapeText(axis)}</text>` +
    `<text x="12" y="20" font-size="14" font-weight="bold">${escapeText(title)}</text></svg>`
  );
}
