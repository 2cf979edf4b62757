import { basename } from 'node:path';
import { ClameurError } from '../config/index.js';

/** RECORDING_UNREADABLE: what is wrong with the file, and how to mend it. */
export function unreadable(path: string, problem: string, mend: string, cause?: unknown): ClameurError {
  return new ClameurError(
    'RECORDING_UNREADABLE',
    { file: path, problem, mend },
    cause === undefined ? undefined : { cause },
  );
}

export function truncated(path: string, have: string, want: string, cause?: unknown): ClameurError {
  return unreadable(
    path,
    `cut short: it holds ${have} of ${want}`,
    `Copy it again from where it was recorded, or keep what is there with ${convert(path)}`,
    cause,
  );
}

/** The command that makes a clean lossless file of whatever can be read. */
export function convert(path: string): string {
  return `ffmpeg -i ${basename(path)} mended.flac`;
}
