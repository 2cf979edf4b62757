import { GLYPH_HEIGHT, GLYPH_WIDTH, glyphDot } from './font.js';
import { encodePng } from './png.js';

export type Colour = readonly [number, number, number];
export const BLACK: Colour = [20, 20, 24];
export const WHITE: Colour = [255, 255, 255];

/** A picture of pixels to draw maps on: rectangles, discs, text. What falls outside is left out. */
export class Canvas {
  private readonly rgb: Uint8Array;

  constructor(
    readonly width: number,
    readonly height: number,
    background: Colour = WHITE,
  ) {
    this.rgb = new Uint8Array(width * height * 3);
    this.rect(0, 0, width, height, background);
  }

  pixel(x: number, y: number, colour: Colour): void {
    if (x < 0 || y < 0 || x >= this.width || y >= this.height) return;
    this.rgb.set(colour, (y * this.width + x) * 3);
  }

  rect(x: number, y: number, width: number, height: number, colour: Colour): void {
    for (let j = 0; j < height; j++) for (let i = 0; i < width; i++) this.pixel(x + i, y + j, colour);
  }

  frame(x: number, y: number, width: number, height: number, colour: Colour): void {
    this.rect(x, y, width, 1, colour);
    this.rect(x, y + height - 1, width, 1, colour);
    this.rect(x, y, 1, height, colour);
    this.rect(x + width - 1, y, 1, height, colour);
  }

  disc(x: number, y: number, radius: number, colour: Colour): void {
    for (let j = -radius; j <= radius; j++) {
      for (let i = -radius; i <= radius; i++) {
        if (i * i + j * j <= radius * radius) this.pixel(x + i, y + j, colour);
      }
    }
  }

  /** Top left corner at (x, y); `halo` surrounds the letters, for text on a map. */
  text(x: number, y: number, text: string, colour: Colour = BLACK, scale = 2, halo?: Colour): void {
    if (halo) {
      for (const [dx, dy] of [
        [-1, 0],
        [1, 0],
        [0, -1],
        [0, 1],
      ]) {
        this.text(x + dx * scale, y + dy * scale, text, halo, scale);
      }
    }
    for (const [n, character] of [...text].entries()) {
      const left = x + n * (GLYPH_WIDTH + 1) * scale;
      for (let j = 0; j < GLYPH_HEIGHT; j++) {
        for (let i = 0; i < GLYPH_WIDTH; i++) {
          if (glyphDot(character, i, j)) this.rect(left + i * scale, y + j * scale, scale, scale, colour);
        }
      }
    }
  }

  png(): Uint8Array {
    return encodePng(this.width, this.height, this.rgb);
  }
}

/** Pixels a text takes. */
export function textWidth(text: string, scale = 2): number {
  return text.length * (GLYPH_WIDTH + 1) * scale;
}
