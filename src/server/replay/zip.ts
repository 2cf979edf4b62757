import { promisify } from 'node:util';
import { crc32, inflateRaw } from 'node:zlib';
import { tooLarge, type Unpacked } from './archive.js';

const inflate = promisify(inflateRaw);
const END_RECORD_BYTES = 22;
const LARGEST_COMMENT = 0xffff;
const STORED = 0;
const DEFLATED = 8;
const ENCRYPTED = 1;
const UTF8 = 0x800;

interface Entry {
  path: string;
  flags: number;
  method: number;
  crc: number;
  packed: number;
  size: number;
  offset: number;
}

/**
 * Unpacks a zip (APPNOTE 6.3.10: stored and deflated, neither encrypted nor zip64) by its central directory, off the
 * event loop. Each file is inflated into no more than what is left of the limit, whatever its head claims.
 */
export async function unpackZip(zip: Buffer, into: Unpacked): Promise<void> {
  for (const entry of entriesOf(zip, into)) {
    if (!into.wants(entry.path)) continue;
    const { path, flags, method, packed, size, crc } = entry;
    if (flags & ENCRYPTED) throw into.invalid(`${path} is encrypted`, 'Pack it without a password');
    const start = dataOf(zip, entry, into);
    const data = zip.subarray(start, start + packed);
    let bytes: Buffer;
    if (method === STORED) bytes = Buffer.from(data);
    else if (method !== DEFLATED)
      throw into.invalid(`${path} is packed by method ${method}`, 'Pack it with deflate');
    else if (size > into.left) throw tooLarge();
    else
      bytes = await inflate(data, { maxOutputLength: Math.max(1, into.left) }).catch(
        (cause: { code?: string }) => {
          throw cause.code === 'ERR_BUFFER_TOO_LARGE'
            ? tooLarge()
            : into.invalid(`${path} is damaged`, undefined, cause);
        },
      );
    if (bytes.length !== size || crc32(bytes) !== crc) throw into.invalid(`${path} is damaged`);
    into.add(path, bytes);
  }
}

function entriesOf(zip: Buffer, into: Unpacked): Entry[] {
  const end = zip.lastIndexOf('PK\x05\x06', zip.length - END_RECORD_BYTES, 'latin1');
  if (end < 0 || end < zip.length - END_RECORD_BYTES - LARGEST_COMMENT)
    throw into.invalid('it is cut off: a zip ends with a directory', 'Copy it again');
  const count = zip.readUInt16LE(end + 10);
  let at = zip.readUInt32LE(end + 16);
  const entries: Entry[] = [];
  for (let i = 0; i < count; i++) {
    if (at + 46 > zip.length || zip.readUInt32LE(at) !== 0x02014b50)
      throw into.invalid('its directory is damaged');
    const [nameLength, extra, comment] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset));
    const flags = zip.readUInt16LE(at + 8);
    entries.push({
      path: zip.toString(flags & UTF8 ? 'utf8' : 'latin1', at + 46, at + 46 + nameLength),
      flags,
      method: zip.readUInt16LE(at + 10),
      crc: zip.readUInt32LE(at + 16),
      packed: zip.readUInt32LE(at + 20),
      size: zip.readUInt32LE(at + 24),
      offset: zip.readUInt32LE(at + 42),
    });
    at += 46 + nameLength + extra + comment;
  }
  return entries;
}

function dataOf(zip: Buffer, { offset, packed, path }: Entry, into: Unpacked): number {
  if (offset + 30 > zip.length || zip.readUInt32LE(offset) !== 0x04034b50)
    throw into.invalid(`${path} is damaged`);
  const start = offset + 30 + zip.readUInt16LE(offset + 26) + zip.readUInt16LE(offset + 28);
  if (start + packed > zip.length) throw into.invalid(`${path} is cut off`);
  return start;
}
