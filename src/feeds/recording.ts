import { parseBuffer, type IFormat } from 'music-metadata';
import { MAX_CHANNELS, MAX_RATE_HZ, MIN_RATE_HZ } from '../audio/index.js';
import type { ClameurError } from '../config/index.js';
import { encoderDelay } from './mp3-delay.js';
import { decodeAudio } from './decode.js';
import { endsProperly } from './ogg-end.js';
import { convert, truncated, unreadable } from './recording-fault.js';
import { fileInMemory, fileOnDisk, type SoundFile } from './sound-file.js';
import { readWavLayout, wrapWav, type WavLayout } from './wav.js';

/** An audio file at its own rate. */
export interface Recording {
  sampleRateHz: number;
  channelCount: number;
  durationSeconds: number;
  /** The samples in order, one array a channel; the caller's to keep. Rejects where the file turns out damaged. */
  pieces(): AsyncGenerator<Float32Array[]>;
}

const WAV_HEAD_BYTES = 1 << 20;
/** Of a long WAV, so much is in memory at a time. */
const WAV_PIECE_SECONDS = 10;

/**
 * Opens a WAV, FLAC, Ogg Vorbis or MP3 file, from disk or from the `bytes` given; RECORDING_UNREADABLE says what is
 * wrong with it and how to mend it.
 */
export async function openRecording(path: string, bytes?: Uint8Array): Promise<Recording> {
  const file = bytes ? fileInMemory(path, bytes) : await fileOnDisk(path);
  const layout = readWavLayout(await file.read(0, WAV_HEAD_BYTES));
  return layout ? wavRecording(file, layout) : packedRecording(file);
}

function wavRecording(file: SoundFile, layout: WavLayout): Recording {
  const { name: path, size } = file;
  const { sampleRateHz, channels, bytesPerFrame, dataOffset } = layout;
  checkShape(path, sampleRateHz, channels);
  const dataBytes = layout.dataBytes ?? size - dataOffset;
  const present = size - dataOffset;
  if (dataBytes > present) throw truncated(path, `${present} bytes of sound`, `${dataBytes}`);
  const frames = Math.floor(dataBytes / bytesPerFrame);
  if (frames === 0) throw unreadable(path, 'it holds no sound', 'Record it again');
  return {
    sampleRateHz,
    channelCount: channels,
    durationSeconds: frames / sampleRateHz,
    async *pieces() {
      const perPiece = WAV_PIECE_SECONDS * sampleRateHz;
      for (let from = 0; from < frames; from += perPiece) {
        const length = Math.min(perPiece, frames - from) * bytesPerFrame;
        const data = await file.read(dataOffset + from * bytesPerFrame, length);
        yield await decodeAudio(wrapWav(layout, data), sampleRateHz, path);
      }
    },
  };
}

async function packedRecording(file: SoundFile): Promise<Recording> {
  const { name: path } = file;
  const bytes = await file.read(0, file.size);
  const format = await readFormat(path, bytes);
  const { sampleRate, numberOfChannels, duration } = format;
  if (sampleRate === undefined || numberOfChannels === undefined || !duration) {
    throw damaged(path);
  }
  checkShape(path, sampleRate, numberOfChannels);
  if (format.codec === 'Opus') {
    throw unreadable(path, 'Opus sound is not supported', `Convert it: ${convert(path)}`);
  }
  const isOgg = format.container === 'Ogg';
  if (isOgg && !endsProperly(bytes)) throw truncated(path, 'the beginning', 'an Ogg stream');
  const delay = format.container === 'MPEG' ? encoderDelay(bytes) : undefined;
  const samples =
    delay !== undefined ? undefined : isOgg ? format.numberOfSamples : Math.round(duration * sampleRate);
  return {
    sampleRateHz: sampleRate,
    channelCount: numberOfChannels,
    durationSeconds: duration - (delay ? (delay.start + delay.end) / sampleRate : 0),
    async *pieces() {
      const channels = await decodeAudio(bytes, sampleRate, path);
      const decoded = channels[0].length;
      // An MP3 without an index only lets its length be guessed, to some frames.
      const slack = format.container === 'MPEG' ? 0.02 * duration * sampleRate + 4 * 1152 : 0;
      if (decoded + slack < Math.round(duration * sampleRate)) {
        throw truncated(path, `${(decoded / sampleRate).toFixed(2)} s`, `${duration.toFixed(2)} s`);
      }
      const from = delay?.start ?? 0;
      const to = delay ? decoded - delay.end : Math.min(decoded, samples ?? decoded);
      yield channels.map((channel) => channel.subarray(from, Math.max(from, to)));
    },
  };
}

async function readFormat(path: string, bytes: Uint8Array): Promise<IFormat> {
  try {
    return (await parseBuffer(bytes, { path }, { duration: true, skipCovers: true })).format;
  } catch (error) {
    throw damaged(path, error);
  }
}

function damaged(path: string, cause?: unknown): ClameurError {
  return unreadable(
    path,
    'it is damaged, or no WAV, FLAC, Ogg or MP3, or holds no sound',
    `Copy it again from where it was recorded, or try ${convert(path)}`,
    cause,
  );
}

function checkShape(path: string, rateHz: number, channels: number): void {
  if (!Number.isInteger(rateHz) || rateHz < MIN_RATE_HZ || rateHz > MAX_RATE_HZ) {
    throw unreadable(
      path,
      `its rate is ${rateHz} Hz`,
      'Rates from 8000 to 192000 Hz work: record or convert it so',
    );
  }
  if (channels < 1 || channels > MAX_CHANNELS) {
    throw unreadable(
      path,
      `it has ${channels} channels`,
      'One to eight work: split it, a file for each pole',
    );
  }
}
