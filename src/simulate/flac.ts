import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import type { Flac } from 'libflacjs';

const COMPRESSION_LEVEL = 8;
const BITS_PER_SAMPLE = 16;
/** Where STREAMINFO's MD5 lies: after `fLaC`, the block's header and the first 18 bytes of its body. */
const MD5_OFFSET = 4 + 4 + 18;

let loading: Promise<Flac> | undefined;

/** libFLAC compiled to JavaScript; loaded on first use, because it takes 100 ms. Its WebAssembly build fetches a
 * file by path, which Node's fetch refuses. */
function loadFlac(): Promise<Flac> {
  loading ??= new Promise((resolve) => {
    const flac = (createRequire(import.meta.url)('libflacjs') as (variant: string) => Flac)('release');
    if (flac.isReady()) resolve(flac);
    else flac.on('ready', () => resolve(flac));
  });
  return loading;
}

/** 16-bit PCM, one array a channel (1 to 8, of one length), as a FLAC file; the same samples give the same bytes. */
export async function encodeFlac(channels: readonly Int16Array[], rateHz: number): Promise<Uint8Array> {
  const flac = await loadFlac();
  const { length } = channels[0];
  const interleaved = new Int32Array(length * channels.length);
  for (const [c, pcm] of channels.entries()) {
    for (let i = 0; i < length; i++) interleaved[i * channels.length + c] = pcm[i];
  }
  const encoder = flac.create_libflac_encoder(
    rateHz,
    channels.length,
    BITS_PER_SAMPLE,
    COMPRESSION_LEVEL,
    length,
    false,
    0,
  );
  if (encoder === 0) throw new RangeError(`FLAC cannot hold ${rateHz} Hz`);
  const pieces: Uint8Array[] = [];
  try {
    const state = flac.init_encoder_stream(encoder, (piece) => void pieces.push(piece.slice()));
    const done =
      state === 0 &&
      flac.FLAC__stream_encoder_process_interleaved(encoder, interleaved, length) &&
      flac.FLAC__stream_encoder_finish(encoder);
    if (!done) throw new Error(`the FLAC encoder refused ${length} samples (state ${state})`);
  } finally {
    flac.FLAC__stream_encoder_delete(encoder);
  }
  const file = Buffer.concat(pieces);
  // A stream's header is written before its sound, so the encoder leaves the checksum empty.
  const bytes = Buffer.alloc(interleaved.length * 2);
  for (let i = 0; i < interleaved.length; i++) bytes.writeInt16LE(interleaved[i], 2 * i);
  createHash('md5').update(bytes).digest().copy(file, MD5_OFFSET);
  return file;
}
