/** One line or set of points of a chart. */
export interface Series {
  name: string;
  points: ReadonlyArray<readonly [number, number]>;
  /** Points alone, without a line. */
  dots?: boolean;
}

export interface Axis {
  label: string;
  from: number;
  to: number;
  /** Logarithmic; `from` above 0. What lies below `from` is drawn on it. */
  log?: boolean;
  ticks: readonly number[];
}

export interface Chart {
  title: string;
  x: Axis;
  y: Axis;
  series: readonly Series[];
}

const WIDTH = 560;
const HEIGHT = 340;
const LEFT = 62;
const RIGHT = 16;
const TOP = 34;
const BOTTOM = 48;
const LEGEND_ROW = 16;
const COLOURS = ['#0b6e4f', '#b3541e', '#2a5caa', '#6a3d9a', '#8a1538', '#4d4d4d', '#00838f', '#9e7b00'];

/** A chart as SVG, alone on a page or inline in HTML: no script, no font, no address but the namespace. */
export function drawChart({ title, x, y, series }: Chart): string {
  const height = HEIGHT + LEGEND_ROW * series.length;
  const atX = scale(x, LEFT, WIDTH - RIGHT);
  const atY = scale(y, HEIGHT - BOTTOM, TOP);
  const xGrid = x.ticks.map(
    (tick) =>
      `<line x1="${atX(tick)}" x2="${atX(tick)}" y1="${TOP}" y2="${HEIGHT - BOTTOM}" stroke="#ddd"/>` +
      `<text x="${atX(tick)}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle">${tick}</text>`,
  );
  const yGrid = y.ticks.map(
    (tick) =>
      `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${atY(tick)}" y2="${atY(tick)}" stroke="#ddd"/>` +
      `<text x="${LEFT - 6}" y="${atY(tick) + 4}" text-anchor="end">${tick}</text>`,
  );
  const lines = series.map(({ name, points, dots }, i) => {
    const colour = COLOURS[i % COLOURS.length];
    const places = points.map(([a, b]) => [atX(a), atY(b)] as const);
    const marks = dots
      ? places.map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="3.5" fill="${colour}"/>`).join('')
      : `<polyline fill="none" stroke="${colour}" stroke-width="1.8" points="${places.map((p) => p.join(',')).join(' ')}"/>`;
    const row = HEIGHT + LEGEND_ROW * i;
    return (
      `${marks}<rect x="${LEFT}" y="${row - 8}" width="18" height="4" fill="${colour}"/>` +
      `<text x="${LEFT + 26}" y="${row - 2}">${escapeText(name)}</text>`
    );
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="${escapeText(title)}" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">` +
    `<rect width="100%" height="100%" fill="white"/>${xGrid.join('')}${yGrid.join('')}${lines.join('')}` +
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 16}" text-anchor="middle">${escapeText(x.label)}</text>` +
    `<text transform="translate(14 ${(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" text-anchor="middle">${escapeText(y.label)}</text>` +
    `<text x="${LEFT}" y="20" font-size="14" font-weight="bold">${escapeText(title)}</text></svg>`
  );
}

/** To a tenth of a pixel; held within the axis. */
function scale({ from, to, log = false }: Axis, low: number, high: number): (value: number) => number {
  const place = (value: number): number => (log ? Math.log10(value) : value);
  return (value) => {
    const held = Math.min(Math.max(value, Math.min(from, to)), Math.max(from, to));
    const share = (place(held) - place(from)) / (place(to) - place(from));
    return Math.round((low + share * (high - low)) * 10) / 10;
  };
}

export function escapeText(text: string): string {
  return text.replace(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`);
}
