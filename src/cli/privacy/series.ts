import { brotliDecompressSync, inflateRawSync } from 'node:zlib';

/** A run of numbers that some bytes may stand for, whoever wrote them. */
export interface Series {
  /** How the bytes were read, such as `int16` or `base64 > float32`. */
  reading: string;
  values: Float32Array;
}

const MIN_TEXT_RUN = 96;
const MAX_UNPACKED = 64 * 1024 * 1024;
const MAX_DEPTH = 2;

/** Every way in which bytes could hold a series: PCM of the usual widths, text of numbers, base64, hex, compressed. */
export function* readings(bytes: Buffer, depth = 0, prefix = ''): Generator<Series> {
  // Text read as samples is no sound; where it hides some, it does so in base64, hex or numbers, which are read below.
  for (const series of isText(bytes) ? [] : binary(bytes))
    yield { ...series, reading: prefix + series.reading };
  const numbers = numbersIn(bytes);
  if (numbers.length >= 32) yield { reading: `${prefix}numbers in text`, values: numbers };
  if (depth >= MAX_DEPTH) return;
  for (const [name, inner] of wrapped(bytes)) yield* readings(inner, depth + 1, `${prefix}${name} > `);
}

function isText(bytes: Buffer): boolean {
  let printable = 0;
  for (const byte of bytes)
    if ((byte >= 0x20 && byte < 0x7f) || byte === 0x0a || byte === 0x0d || byte === 9) printable++;
  return printable > 0.99 * bytes.length;
}

function* binary(bytes: Buffer): Generator<Series> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = (width: number, at: number, get: (offset: number) => number): Float32Array => {
    const values = new Float32Array(Math.max(0, Math.floor((bytes.length - at) / width)));
    for (let i = 0; i < values.length; i++) {
      const value = get(at + i * width);
      // Text read as floats gives values that no sound has; as zero they match nothing.
      values[i] = Math.abs(value) < 1e12 ? value : 0;
    }
    return values;
  };
  yield { reading: 'int8', values: read(1, 0, (o) => view.getInt8(o)) };
  yield { reading: 'uint8', values: read(1, 0, (o) => view.getUint8(o)) };
  for (const at of [0, 1]) {
    yield { reading: 'int16', values: read(2, at, (o) => view.getInt16(o, true)) };
    yield { reading: 'int16 big-endian', values: read(2, at, (o) => view.getInt16(o, false)) };
  }
  for (const at of [0, 1, 2, 3]) {
    yield { reading: 'float32', values: read(4, at, (o) => view.getFloat32(o, true)) };
    yield { reading: 'int32', values: read(4, at, (o) => view.getInt32(o, true)) };
  }
  for (let at = 0; at < 8; at++)
    yield { reading: 'float64', values: read(8, at, (o) => view.getFloat64(o, true)) };
}

/** All decimal numbers in their order. */
function numbersIn(bytes: Buffer): Float32Array {
  const found = bytes.toString('latin1').match(/-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g) ?? [];
  return Float32Array.from(found, Number);
}

function* wrapped(bytes: Buffer): Generator<[string, Buffer]> {
  const text = bytes.toString('latin1');
  const runs: string[] = [];
  for (const [run] of text.matchAll(new RegExp(`[A-Za-z0-9+/_-]{${MIN_TEXT_RUN},}={0,2}`, 'g'))) {
    if (/^[0-9a-fA-F]+$/.test(run)) yield ['hex', Buffer.from(run.slice(0, run.length & ~1), 'hex')];
    yield ['base64', Buffer.from(run, 'base64')];
    runs.push(run);
  }
  // Sound that is told a little at a time is too short for a match in each of its pieces.
  if (runs.length > 1)
    yield ['base64 in a row', Buffer.concat(runs.map((run) => Buffer.from(run, 'base64')))];
  const limit = { maxOutputLength: MAX_UNPACKED };
  // What follows a header is read raw: other bytes after the end of a stream are no error then.
  const raw = (skip: number) => (part: Buffer) => inflateRawSync(part.subarray(skip), limit);
  const tries: Array<[string, number[], (part: Buffer) => Buffer]> = [
    ['gzip', find(bytes, [0x1f, 0x8b, 0x08]), raw(10)],
    ['zlib', [0x01, 0x5e, 0x9c, 0xda].flatMap((level) => find(bytes, [0x78, level])), raw(2)],
    ['deflate', [0], raw(0)],
    ['brotli', [0], (part) => brotliDecompressSync(part, limit)],
  ];
  for (const [name, starts, unpack] of tries) {
    for (const start of starts.slice(0, 1000)) {
      try {
        const inner = unpack(bytes.subarray(start));
        if (inner.length > MIN_TEXT_RUN) yield [name, inner];
      } catch {
        continue;
      }
    }
  }
}

function find(bytes: Buffer, mark: readonly number[]): number[] {
  const found: number[] = [];
  for (let at = bytes.indexOf(Buffer.from(mark)); at >= 0; at = bytes.indexOf(Buffer.from(mark), at + 1))
    found.push(at);
  return found;
}
