import { open, stat } from 'node:fs/promises';
import { unreadable } from './recording-fault.js';

/** The bytes of an audio file, wherever they lie. `name` is what its errors call it. */
export interface SoundFile {
  name: string;
  size: number;
  /** New memory, the caller's to keep. */
  read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
}

export async function fileOnDisk(path: string): Promise<SoundFile> {
  const size = await sizeOf(path);
  return {
    name: path,
    size,
    async read(offset, length) {
      const file = await open(path);
      try {
        const bytes = new Uint8Array(Math.max(0, Math.min(length, size - offset)));
        await file.read(bytes, 0, bytes.length, offset);
        return bytes;
      } finally {
        await file.close();
      }
    },
  };
}

/** A file that somebody brought and that may lie on no disk. `bytes` stay their owner's, to be wiped. */
export function fileInMemory(name: string, bytes: Uint8Array): SoundFile {
  if (bytes.length === 0) throw empty(name);
  return {
    name,
    size: bytes.length,
    read: (offset, length) => Promise.resolve(Uint8Array.from(bytes.subarray(offset, offset + length))),
  };
}

async function sizeOf(path: string): Promise<number> {
  try {
    const info = await stat(path);
    if (!info.isFile()) throw unreadable(path, 'it is not a file', 'Give an audio file');
    if (info.size === 0) throw empty(path);
    return info.size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw unreadable(path, 'there is no such file', 'Check the name and the folder', error);
  }
}

function empty(name: string) {
  return unreadable(name, 'it is empty', 'Copy it again from where it was recorded');
}
