import { BLACK, Canvas, textWidth, WHITE, type Colour } from './canvas.js';
import type { Coverage, CoverageCell } from './grid.js';

const PANEL_PIXELS = 640;
const MARGIN = 24;
const TITLE_HEIGHT = 74;
const LEGEND_HEIGHT = 74;
const NOTHING: Colour = [205, 205, 210];

/** Bounds of the error's colours in metres, and a colour between each two: green is good, red is not. */
const ERROR_STEPS_METERS = [10, 15, 25, 50, 100, 200];
const ERROR_COLOURS: readonly Colour[] = [
  [26, 122, 74],
  [102, 178, 84],
  [190, 214, 92],
  [252, 214, 88],
  [246, 150, 60],
  [222, 78, 52],
  [150, 30, 50],
];
/** 0 poles to 8 and more. Four are needed for a place that checks itself. */
const COUNT_COLOURS: readonly Colour[] = [
  NOTHING,
  [222, 78, 52],
  [240, 130, 60],
  [250, 190, 80],
  [214, 226, 140],
  [150, 205, 170],
  [86, 170, 190],
  [44, 120, 180],
  [26, 66, 140],
];

/** Two maps beside each other: the error that the geometry allows, and how many poles hear the source. */
export function drawCoverage(coverage: Coverage, title: string): Uint8Array {
  const pixels = Math.max(1, Math.floor(PANEL_PIXELS / Math.max(coverage.columns, coverage.rows)));
  const width = Math.max(coverage.columns * pixels, PANEL_PIXELS * 0.85);
  const height = coverage.rows * pixels;
  const canvas = new Canvas(
    Math.ceil(2 * width + 3 * MARGIN),
    height + TITLE_HEIGHT + LEGEND_HEIGHT + MARGIN,
  );
  const second = Math.ceil(width + 2 * MARGIN);
  canvas.text(MARGIN, 14, title);
  canvas.text(MARGIN, 46, 'Expected error, 95 %, metres');
  canvas.text(second, 46, 'Poles that hear it');
  for (const [left, colourOf] of [
    [MARGIN, errorColour],
    [second, countColour],
  ] as const) {
    drawCells(canvas, coverage, left, TITLE_HEIGHT, pixels, colourOf);
    drawPoles(canvas, coverage, left, TITLE_HEIGHT, pixels);
    drawScale(canvas, coverage, left, TITLE_HEIGHT + height, pixels);
    drawNorth(canvas, left + coverage.columns * pixels - 22, TITLE_HEIGHT + 10);
  }
  const legendTop = TITLE_HEIGHT + height + 14;
  drawLegend(canvas, MARGIN, legendTop, width, ERROR_COLOURS, ERROR_STEPS_METERS.map(String), 'border');
  canvas.rect(MARGIN, legendTop + 42, 20, 14, NOTHING);
  canvas.text(MARGIN + 28, legendTop + 42, 'grey: fewer than 4 poles hear it');
  const counts = COUNT_COLOURS.map((_, n) => (n === COUNT_COLOURS.length - 1 ? `${n}+` : String(n)));
  drawLegend(canvas, second, legendTop, width, COUNT_COLOURS, counts, 'middle');
  canvas.text(second, legendTop + 42, '4 are needed to place it');
  return canvas.png();
}

function errorColour({ errorMeters }: CoverageCell): Colour {
  if (errorMeters === undefined) return NOTHING;
  const step = ERROR_STEPS_METERS.findIndex((bound) => errorMeters < bound);
  return ERROR_COLOURS[step < 0 ? ERROR_STEPS_METERS.length : step];
}

function countColour({ polesHear }: CoverageCell): Colour {
  return COUNT_COLOURS[Math.min(polesHear, COUNT_COLOURS.length - 1)];
}

function drawCells(
  canvas: Canvas,
  coverage: Coverage,
  left: number,
  top: number,
  pixels: number,
  colourOf: (cell: CoverageCell) => Colour,
): void {
  const { columns, rows, cells } = coverage;
  for (const [k, cell] of cells.entries()) {
    const row = rows - 1 - Math.floor(k / columns);
    canvas.rect(left + (k % columns) * pixels, top + row * pixels, pixels, pixels, colourOf(cell));
  }
  canvas.frame(left - 1, top - 1, columns * pixels + 2, rows * pixels + 2, BLACK);
}

function drawPoles(canvas: Canvas, coverage: Coverage, left: number, top: number, pixels: number): void {
  const { west, south, cellMeters, rows, columns } = coverage;
  for (const { pole, east, north } of coverage.poles) {
    const x = Math.round(left + ((east - west) / cellMeters) * pixels);
    const y = Math.round(top + (rows - (north - south) / cellMeters) * pixels);
    canvas.disc(x, y, 6, WHITE);
    canvas.disc(x, y, 4, BLACK);
    const right = x + 10 + textWidth(pole, 1) > left + columns * pixels;
    canvas.text(right ? x - 10 - textWidth(pole, 1) : x + 10, y - 3, pole, BLACK, 1, WHITE);
  }
}

/** A bar of a round length, about a quarter of the map. */
function drawScale(canvas: Canvas, coverage: Coverage, left: number, bottom: number, pixels: number): void {
  const quarter = (coverage.columns * coverage.cellMeters) / 4;
  const power = Math.pow(10, Math.floor(Math.log10(quarter)));
  const meters = [5, 2, 1].map((n) => n * power).find((length) => length <= quarter) ?? power;
  const length = Math.round((meters / coverage.cellMeters) * pixels);
  canvas.rect(left + 9, bottom - 31, Math.max(length, textWidth(`${meters} m`)) + 8, 26, WHITE);
  canvas.rect(left + 12, bottom - 11, length, 3, BLACK);
  canvas.text(left + 12, bottom - 28, `${meters} m`);
}

function drawNorth(canvas: Canvas, x: number, y: number): void {
  canvas.rect(x - 4, y - 4, 20, 36, WHITE);
  for (let j = 0; j < 10; j++) canvas.rect(x + 5 - (j >> 1), y + j, 2 * (j >> 1) + 1, 1, BLACK);
  canvas.text(x, y + 14, 'N');
}

/** A bar of colours; the labels stand under the borders between two colours, or under their middles. */
function drawLegend(
  canvas: Canvas,
  left: number,
  top: number,
  width: number,
  colours: readonly Colour[],
  labels: readonly string[],
  place: 'border' | 'middle',
): void {
  const step = Math.floor(width / colours.length);
  for (const [i, colour] of colours.entries()) canvas.rect(left + i * step, top, step, 16, colour);
  canvas.frame(left - 1, top - 1, step * colours.length + 2, 18, BLACK);
  for (const [i, label] of labels.entries()) {
    const x = left + (place === 'border' ? (i + 1) * step : (i + 0.5) * step);
    canvas.text(Math.round(x - textWidth(label) / 2), top + 21, label);
  }
}
