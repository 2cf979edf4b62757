export type UploadKind = 'audio' | 'zip' | 'gzip' | 'tar';

const ascii = (bytes: Uint8Array, at: number, length: number) =>
  String.fromCharCode(...bytes.subarray(at, at + length));

/** What a file is by its first bytes; undefined: nothing that can be replayed. Its name is not looked at. */
export function kindOf(bytes: Uint8Array): UploadKind | undefined {
  const four = ascii(bytes, 0, 4);
  if (four === 'RIFF' && ascii(bytes, 8, 4) === 'WAVE') return 'audio';
  if (four === 'fLaC' || four === 'OggS' || four.startsWith('ID3')) return 'audio';
  // MPEG audio begins with a frame: eleven set bits, then a version and a layer that there are.
  if (
    bytes[0] === 0xff &&
    (bytes[1] & 0xe0) === 0xe0 &&
    (bytes[1] & 0x18) !== 0x08 &&
    (bytes[1] & 0x06) !== 0
  )
    return 'audio';
  if (four === 'PK\x03\x04') return 'zip';
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return 'gzip';
  if (ascii(bytes, 257, 5) === 'ustar') return 'tar';
  return undefined;
}
