import { ClameurError } from '../../config/index.js';
import { UPLOAD_LIMITS } from './limits.js';

/** The files that come out of an archive. Counts as it goes: a bomb is refused before it is unpacked. */
export class Unpacked {
  readonly files = new Map<string, Uint8Array>();
  #bytes = 0;

  constructor(readonly name: string) {}

  get left(): number {
    return UPLOAD_LIMITS.unpackedBytes - this.#bytes;
  }

  /** Whether this entry is wanted. Throws UPLOAD_INVALID for a path that leads out of the archive. */
  wants(path: string): boolean {
    const parts = path.split('/');
    // No file is ever written, so such a name could do no harm; but who makes one means harm, or is mistaken.
    if (/[\\\0]/.test(path) || path.startsWith('/') || /^[A-Za-z]:/.test(path) || parts.includes('..')) {
      const shown = JSON.stringify(path.slice(0, 80));
      throw this.invalid(`it holds the path name ${shown}`, 'Pack the folder itself, with paths inside it');
    }
    return !path.endsWith('/') && !parts.includes('__MACOSX') && !parts.at(-1)!.startsWith('.');
  }

  add(path: string, bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    if (this.#bytes > UPLOAD_LIMITS.unpackedBytes) throw tooLarge();
    this.files.set(path, bytes);
    if (this.files.size > UPLOAD_LIMITS.files)
      throw new ClameurError('UPLOAD_TOO_LARGE', { limit: `${UPLOAD_LIMITS.files} files` });
  }

  invalid(problem: string, mend = 'Pack it again', cause?: unknown): ClameurError {
    return new ClameurError('UPLOAD_INVALID', { name: this.name, problem, mend }, { cause });
  }
}

export function tooLarge(): ClameurError {
  return new ClameurError('UPLOAD_TOO_LARGE', {
    limit: `${UPLOAD_LIMITS.unpackedBytes / 1024 / 1024} MB once unpacked`,
  });
}
