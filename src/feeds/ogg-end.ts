const CAPTURE = [0x4f, 0x67, 0x67, 0x53]; // OggS
const HEADER_BYTES = 27;
const END_OF_STREAM = 0x04;

/** Whether an Ogg file's last page is whole and marked as the last (RFC 3533, section 6). */
export function endsProperly(bytes: Uint8Array): boolean {
  for (let at = bytes.length - HEADER_BYTES; at >= 0; at--) {
    if (CAPTURE.some((value, i) => bytes[at + i] !== value)) continue;
    const segments = bytes[at + 26];
    let end = at + HEADER_BYTES + segments;
    for (let i = 0; i < segments; i++) end += bytes[at + HEADER_BYTES + i] ?? 0;
    return end <= bytes.length && (bytes[at + 5] & END_OF_STREAM) !== 0;
  }
  return false;
}
