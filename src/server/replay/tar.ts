import { tooLarge, type Unpacked } from './archive.js';

const BLOCK = 512;

/** Unpacks a POSIX tar (ustar, with pax and GNU long names). Links and devices are passed over: they hold no sound. */
export function unpackTar(tar: Buffer, into: Unpacked): void {
  let longName: string | undefined;
  for (let at = 0; at + BLOCK <= tar.length;) {
    const head = tar.subarray(at, at + BLOCK);
    if (head[0] === 0) return;
    checkSum(head, into);
    const size = parseInt(text(head, 124, 12), 8);
    if (!(size >= 0)) throw into.invalid('a size in it is no number');
    const type = String.fromCharCode(head[156]);
    const data = tar.subarray(at + BLOCK, at + BLOCK + size);
    if (data.length < size) throw into.invalid('it is cut off', 'Copy it again');
    if (size > into.left) throw tooLarge();
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    if (type === 'x') longName = /\d+ path=([^\n]*)\n/.exec(data.toString('utf8'))?.[1];
    else if (type === 'L') longName = text(data, 0, size);
    else {
      const path = longName ?? plainName(head);
      longName = undefined;
      const isFile = type === '0' || type === '\0';
      if (isFile && into.wants(path)) into.add(path, Uint8Array.from(data));
    }
  }
}

function plainName(head: Buffer): string {
  const prefix = text(head, 257, 5) === 'ustar' ? text(head, 345, 155) : '';
  const name = text(head, 0, 100);
  return (prefix ? `${prefix}/${name}` : name).replace(/^\.\//, '');
}

/** The sum of the head's bytes, its own eight taken as blanks. */
function checkSum(head: Buffer, into: Unpacked): void {
  let sum = 8 * 0x20;
  for (let i = 0; i < BLOCK; i++) if (i < 148 || i >= 156) sum += head[i];
  if (sum !== parseInt(text(head, 148, 8), 8)) throw into.invalid('a head in it is damaged');
}

function text(bytes: Buffer, from: number, length: number): string {
  const field = bytes.subarray(from, from + length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? length : end).trim();
}
