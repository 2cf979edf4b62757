import type * as NodeWebAudio from 'node-web-audio-api';
import { convert, truncated, unreadable } from './recording-fault.js';

type WebAudio = typeof NodeWebAudio;
let webAudio: Promise<WebAudio> | undefined;

/** Loaded on first use: its native library needs ALSA's, which a server that hears only NATS can do without. */
function loadWebAudio(): Promise<WebAudio> {
  webAudio ??= import('node-web-audio-api');
  return webAudio;
}

/**
 * Decodes a whole WAV, FLAC, Ogg Vorbis or MP3 file at `sampleRateHz`, which must be the file's own: Web Audio would
 * resample to any other rate, and without an anti-alias filter. One array a channel, the caller's to keep. Runs off the
 * event loop.
 */
export async function decodeAudio(
  bytes: Uint8Array<ArrayBuffer>,
  sampleRateHz: number,
  path: string,
): Promise<Float32Array[]> {
  let library: WebAudio;
  try {
    library = await loadWebAudio();
  } catch (error) {
    webAudio = undefined;
    throw unreadable(
      path,
      'the decoder node-web-audio-api does not load, mostly because libasound2 is missing',
      'Install it: apt-get install libasound2 (libasound2t64 on newer Debian and Ubuntu)',
      error,
    );
  }
  try {
    const context = new library.OfflineAudioContext(1, 1, sampleRateHz);
    // decodeAudioData takes the buffer over, so it must hold this file and nothing else.
    const whole = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength;
    const decoded = await context.decodeAudioData(whole ? bytes.buffer : bytes.slice().buffer);
    return Array.from({ length: decoded.numberOfChannels }, (_, c) => {
      // getChannelData gives a view of memory that goes with the AudioBuffer, used or not: it must be copied out.
      const samples = new Float32Array(decoded.length);
      decoded.copyFromChannel(samples, c);
      return samples;
    });
  } catch (error) {
    if (/end of stream/i.test(reason(error))) throw truncated(path, 'the beginning', 'its sound', error);
    throw unreadable(
      path,
      `it cannot be decoded (${reason(error)})`,
      `Give WAV, FLAC, Ogg Vorbis or MP3; to convert: ${convert(path)}`,
      error,
    );
  }
}

function reason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/^Failed to execute 'decodeAudioData': /, '');
}
