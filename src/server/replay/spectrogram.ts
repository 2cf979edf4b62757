import { fft, LISTEN_RATE_HZ } from '../../listen/index.js';
import type { Spectrogram } from './report-data.js';

const WINDOW = 1024;
const HOP = 256;
const ROWS = 72;
const MIN_HZ = 60;
const MAX_HZ = 8000;
const BIN_HZ = LISTEN_RATE_HZ / WINDOW;
const HANN = Float64Array.from(
  { length: WINDOW },
  (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / WINDOW),
);
/** A full-scale sine's bin comes to 1: (Σw / 2)². */
const FULL_SCALE = (HANN.reduce((sum, w) => sum + w, 0) / 2) ** 2;
/** Bins of each row, on a scale that is logarithmic: at least one bin a row. */
const BANDS = Array.from({ length: ROWS }, (_, row) => {
  const edge = (at: number) => (MIN_HZ * (MAX_HZ / MIN_HZ) ** (at / ROWS)) / BIN_HZ;
  const from = Math.round(edge(row));
  return { from, to: Math.max(from + 1, Math.min(WINDOW / 2, Math.round(edge(row + 1)))) };
});

/** Draws a recording that somebody brought, as wide as asked and no wider: columns are joined as it grows longer. */
export class SpectrogramPainter {
  readonly #mostColumns: number;
  readonly #window = new Float32Array(WINDOW);
  readonly #re = new Float64Array(WINDOW);
  readonly #im = new Float64Array(WINDOW);
  #filled = 0;
  #cells: Uint8Array;
  #columns = 0;
  #secondsPerColumn = HOP / LISTEN_RATE_HZ;

  constructor(mostColumns: number) {
    this.#mostColumns = mostColumns;
    this.#cells = new Uint8Array(mostColumns * ROWS);
  }

  /** `fromSeconds`: of samples[0] since the start of the drawing. */
  push(samples: Float32Array, fromSeconds: number): void {
    for (let from = 0; from < samples.length;) {
      const part = samples.subarray(from, from + WINDOW - this.#filled);
      this.#window.set(part, this.#filled);
      this.#filled += part.length;
      from += part.length;
      if (this.#filled < WINDOW) return;
      this.#paint(fromSeconds + (from - WINDOW / 2) / LISTEN_RATE_HZ);
      this.#window.copyWithin(0, HOP);
      this.#filled -= HOP;
    }
  }

  finish(): Spectrogram {
    this.#window.fill(0);
    return {
      columns: this.#columns,
      rows: ROWS,
      secondsPerColumn: this.#secondsPerColumn,
      minHz: MIN_HZ,
      maxHz: MAX_HZ,
      cells: Buffer.from(this.#cells.subarray(0, this.#columns * ROWS)).toString('base64'),
    };
  }

  #paint(atSeconds: number): void {
    // Rounded: windows fall on the edges of columns, and a double would fall now on this side, now on that.
    const columnAt = () => Math.max(0, Math.round(atSeconds / this.#secondsPerColumn));
    let column = columnAt();
    while (column >= this.#mostColumns) {
      this.#halve();
      column = columnAt();
    }
    this.#columns = Math.max(this.#columns, column + 1);
    for (let i = 0; i < WINDOW; i++) this.#re[i] = this.#window[i] * HANN[i];
    this.#im.fill(0);
    fft(this.#re, this.#im);
    BANDS.forEach(({ from, to }, row) => {
      let power = 0;
      for (let k = from; k < to; k++) power = Math.max(power, this.#re[k] ** 2 + this.#im[k] ** 2);
      const db = 10 * Math.log10(power / FULL_SCALE + 1e-12);
      const cell = column * ROWS + row;
      this.#cells[cell] = Math.max(
        this.#cells[cell],
        Math.round(Math.max(0, Math.min(255, ((db + 120) / 120) * 255))),
      );
    });
  }

  /** Two columns become one, the louder of each cell. */
  #halve(): void {
    const joined = new Uint8Array(this.#cells.length);
    for (let cell = 0; cell < this.#columns * ROWS; cell++) {
      const column = Math.floor(cell / ROWS);
      const to = (column >> 1) * ROWS + (cell % ROWS);
      joined[to] = Math.max(joined[to], this.#cells[cell]);
    }
    this.#cells = joined;
    this.#columns = (this.#columns + 1) >> 1;
    this.#secondsPerColumn *= 2;
  }
}
