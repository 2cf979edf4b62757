import { deflateSync, crc32 } from 'node:zlib';
import { PNG } from 'pngjs';

/**
 * A screenshot with at most 256 colours, a third of its size: what a document shows must not weigh on every clone. The
 * colours are the means of the boxes that cut the picture's colours evenly (median cut, Heckbert 1982).
 */
export function smallPng(screenshot: Buffer): Buffer {
  const { width, height, data } = PNG.sync.read(screenshot);
  const counts = new Map<number, number>();
  const keyAt = (i: number) => (data[i] << 16) | (data[i + 1] << 8) | data[i + 2];
  for (let i = 0; i < data.length; i += 4) counts.set(keyAt(i), (counts.get(keyAt(i)) ?? 0) + 1);
  const palette = medianCut([...counts], 256);
  const indexOf = new Map<number, number>();
  const colours = palette.map((box, index) => {
    let [weight, r, g, b] = [0, 0, 0, 0];
    for (const [key, count] of box) {
      indexOf.set(key, index);
      weight += count;
      r += (key >> 16) * count;
      g += ((key >> 8) & 255) * count;
      b += (key & 255) * count;
    }
    return [r, g, b].map((sum) => Math.round(sum / weight));
  });
  const rows = Buffer.alloc(height * (width + 1));
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) rows[y * (width + 1) + 1 + x] = indexOf.get(keyAt((y * width + x) * 4))!;
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', head),
    chunk('PLTE', Buffer.from(colours.flat())),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

type Box = Array<[key: number, count: number]>;

function medianCut(all: Box, most: number): Box[] {
  const boxes: Box[] = [all];
  while (boxes.length < most) {
    const spans = boxes.map(spanOf);
    const widest = spans.reduce((best, { span }, i) => (span > spans[best].span ? i : best), 0);
    if (spans[widest].span === 0) break;
    const { shift } = spans[widest];
    const box = boxes[widest].sort((a, b) => ((a[0] >> shift) & 255) - ((b[0] >> shift) & 255));
    const half = box.length >> 1;
    boxes.splice(widest, 1, box.slice(0, half), box.slice(half));
  }
  return boxes;
}

/** The channel in which a box is widest. */
function spanOf(box: Box): { shift: number; span: number } {
  return [16, 8, 0]
    .map((shift) => {
      let [low, high] = [255, 0];
      for (const [key] of box) {
        low = Math.min(low, (key >> shift) & 255);
        high = Math.max(high, (key >> shift) & 255);
      }
      return { shift, span: box.length > 1 ? high - low : 0 };
    })
    .reduce((a, b) => (b.span > a.span ? b : a));
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
