import type { Matcher, Match } from './matcher.js';
import { readings } from './series.js';

/** Something of the sound that was found where nothing of it may be. */
export interface Leak {
  channel: string;
  reading: string;
  kind: 'sound' | 'feature series';
  match: Match;
}

/** Widths of the tables that a series of features may be a column of. */
const BINARY_STRIDES = [1, 13, 16, 20, 24, 32, 40, 64, 80, 128];
const TEXT_STRIDES = [...Array.from({ length: 48 }, (_, i) => i + 1), 64, 80, 96, 128];
/** In which of the readings features are kept by anybody. */
const FEATURE_READINGS = /(uint8|int16|float32|text)$/;
/** Bytes that are read as one; the next piece begins before the end of this one, so that nothing lies astride. */
const PIECE_BYTES = 4 * 1024 * 1024;
const OVERLAP_BYTES = 64 * 1024;

/** Looks through all bytes of one channel in every reading; the first leak ends the search of that channel. */
export function search(
  channel: string,
  bytes: Buffer,
  { pcm, series }: { pcm: Matcher; series: Matcher },
): Leak | undefined {
  for (let from = 0; from < bytes.length; from += PIECE_BYTES - OVERLAP_BYTES) {
    for (const { reading, values } of readings(bytes.subarray(from, from + PIECE_BYTES))) {
      const sound = pcm.find(values) ?? pcm.find(values, 2);
      if (sound) return { channel, reading, kind: 'sound', match: sound };
      if (!FEATURE_READINGS.test(reading)) continue;
      const strides = reading.endsWith('text') ? TEXT_STRIDES : BINARY_STRIDES;
      for (const stride of strides) {
        const found = series.find(values, stride);
        if (found) return { channel, reading, kind: 'feature series', match: found };
      }
    }
  }
  return undefined;
}
