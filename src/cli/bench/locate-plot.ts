const WIDTH = 640;
const HEIGHT = 400;
const MARGIN = 50;
const WIDEST_METERS = 30;
const COLOURS = ['#0b6e4f', '#2a5caa', '#b3541e', '#6a3d9a'];

/** Cumulative share of shots over the error in metres, one line a series, as SVG. */
export function drawErrors(series: ReadonlyArray<{ name: string; errors: readonly number[] }>): string {
  const x = (meters: number) =>
    MARGIN + ((WIDTH - 2 * MARGIN) * Math.min(meters, WIDEST_METERS)) / WIDEST_METERS;
  const y = (share: number) => HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * share;
  const lines = series.map(({ name, errors }, i) => {
    const sorted = [...errors].sort((a, b) => a - b);
    const points = sorted.map(
      (error, k) => `${x(error).toFixed(1)},${y((k + 1) / sorted.length).toFixed(1)}`,
    );
    const colour = COLOURS[i % COLOURS.length];
    return (
      `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${x(0)},${y(0)} ${points.join(' ')}"/>` +
      `<text x="${WIDTH - MARGIN - 110}" y="${HEIGHT - MARGIN - 20 - 18 * i}" fill="${colour}">${name}</text>`
    );
  });
  const grid = [0, 5, 10, 15, 20, 25, 30].map(
    (m) =>
      `<line x1="${x(m)}" x2="${x(m)}" y1="${y(0)}" y2="${y(1)}" stroke="#ddd"/>` +
      `<text x="${x(m)}" y="${HEIGHT - MARGIN + 18}" text-anchor="middle">${m}</text>`,
  );
  const shares = [0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      `<line x1="${x(0)}" x2="${x(WIDEST_METERS)}" y1="${y(share)}" y2="${y(share)}" stroke="#ddd"/>` +
      `<text x="${MARGIN - 8}" y="${y(share) + 4}" text-anchor="end">${share * 100} %</text>`,
  );
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" font-family="sans-serif" font-size="12">` +
    `<rect width="100%" height="100%" fill="white"/>${grid.join('')}${shares.join('')}${lines.join('')}` +
    `<text x="${WIDTH / 2}" y="${HEIGHT - 10}" text-anchor="middle">error, metres</text>` +
    `<text x="${WIDTH / 2}" y="24" text-anchor="middle" font-size="15">Share of shots within an error</text></svg>\n`
  );
}
