/** Samples that an MP3 decoder adds before the sound that encoders count from. */
const DECODER_DELAY = 529;
/** From the Xing or Info mark: mark, flags, frames, bytes, table, quality; then 21 bytes to the delay field. */
const SEARCH_BYTES = 64 * 1024;

/**
 * How many decoded samples to cut off at the start and end of an MP3 to get what was encoded, where the file's Xing
 * header says (LAME tag, revision 1, http://gabriel.mp3-tech.org/mp3infotag.html); some 25 ms, or 8 m of sound.
 */
export function encoderDelay(bytes: Uint8Array): { start: number; end: number } | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, SEARCH_BYTES));
  const at = Math.max(head.indexOf('Xing', 0, 'latin1'), head.indexOf('Info', 0, 'latin1'));
  if (at < 0 || at + 8 > head.length) return undefined;
  const flags = head.readUInt32BE(at + 4);
  const tag =
    at + 8 + (flags & 1 ? 4 : 0) + (flags & 2 ? 4 : 0) + (flags & 4 ? 100 : 0) + (flags & 8 ? 4 : 0);
  if (tag + 24 > head.length || !/^(LAME|Lav[cf])/.test(head.toString('latin1', tag, tag + 4)))
    return undefined;
  const field = head.readUIntBE(tag + 21, 3);
  return { start: (field >> 12) + DECODER_DELAY, end: Math.max(0, (field & 0xfff) - DECODER_DELAY) };
}
