/** Where a WAV file's sound lies, read from its first bytes. */
export interface WavLayout {
  /** The fmt chunk, its 8-byte head included. */
  format: Uint8Array;
  channels: number;
  sampleRateHz: number;
  bytesPerFrame: number;
  dataOffset: number;
  /** As the head states it; undefined where it was written as a stream and states none. */
  dataBytes?: number;
}

const PCM = 1;
const IEEE_FLOAT = 3;
const EXTENSIBLE = 0xfffe;
const UNKNOWN_SIZE = 0xffffffff;

/**
 * The layout of a plain (PCM or float) RIFF WAVE file; undefined for anything else, such as ADPCM or RF64.
 * `head` must reach past the start of the data chunk. Format: Microsoft, "Multimedia Programming Interface" (1991).
 */
export function readWavLayout(head: Uint8Array): WavLayout | undefined {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const id = (at: number) => String.fromCharCode(...head.subarray(at, at + 4));
  if (head.length < 12 || id(0) !== 'RIFF' || id(8) !== 'WAVE') return undefined;
  let format: Uint8Array | undefined;
  for (let at = 12; at + 8 <= head.length;) {
    const size = view.getUint32(at + 4, true);
    if (id(at) === 'fmt ' && size >= 16 && at + 8 + size <= head.length) {
      format = head.slice(at, at + 8 + size);
    }
    if (id(at) === 'data') return format && layoutOf(format, at + 8, size);
    at += 8 + size + (size % 2);
  }
  return undefined;
}

function layoutOf(format: Uint8Array, dataOffset: number, size: number): WavLayout | undefined {
  const view = new DataView(format.buffer, format.byteOffset);
  const tag = view.getUint16(8, true);
  const channels = view.getUint16(10, true);
  const bytesPerFrame = view.getUint16(20, true);
  if ((tag !== PCM && tag !== IEEE_FLOAT && tag !== EXTENSIBLE) || channels < 1 || bytesPerFrame < channels) {
    return undefined;
  }
  return {
    format,
    channels,
    sampleRateHz: view.getUint32(12, true),
    bytesPerFrame,
    dataOffset,
    // A writer that could not seek back leaves 0 or the largest number.
    ...(size !== UNKNOWN_SIZE && size !== 0 && { dataBytes: size }),
  };
}

/** A whole WAV file around `data`, so that a long file can be decoded piece by piece. */
export function wrapWav({ format }: WavLayout, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const head = 12 + format.length;
  const file = new Uint8Array(head + 8 + data.length);
  const view = new DataView(file.buffer);
  const put = (at: number, text: string) => file.set(new TextEncoder().encode(text), at);
  put(0, 'RIFF');
  view.setUint32(4, file.length - 8, true);
  put(8, 'WAVE');
  file.set(format, 12);
  put(head, 'data');
  view.setUint32(head + 4, data.length, true);
  file.set(data, head + 8);
  return file;
}
