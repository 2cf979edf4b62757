import { readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { INT16_FULL_SCALE, Resampler, SAMPLE_RATE_HZ } from '../audio/index.js';
import { openRecording } from '../feeds/index.js';

export const SOUND_EXTENSIONS = ['.wav', '.flac', '.ogg', '.mp3'];

/** The recordings below a folder, sorted; none where there is no such folder. */
export async function recordingsBelow(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  return names
    .filter((name) => SOUND_EXTENSIONS.includes(extname(name).toLowerCase()))
    .sort()
    .map((name) => join(folder, name));
}

/** A recording's first `mostSeconds`, channels averaged, at 16 kHz; RECORDING_UNREADABLE where it is none. */
export async function readMono(file: string, mostSeconds: number): Promise<Float32Array> {
  const recording = await openRecording(file);
  const resampler = new Resampler(recording.sampleRateHz);
  const most = Math.floor(mostSeconds * SAMPLE_RATE_HZ);
  const parts: Float32Array[] = [];
  let length = 0;
  for await (const channels of recording.pieces()) {
    const mono = channels[0].map(
      (_, i) => channels.reduce((sum, channel) => sum + channel[i], 0) / channels.length,
    );
    parts.push(resampler.process(mono).slice());
    length += parts[parts.length - 1].length;
    if (length > most) break;
  }
  if (length < most) {
    parts.push(resampler.flush());
    length += parts[parts.length - 1].length;
  }
  const samples = new Float32Array(length);
  parts.reduce((at, part) => (samples.set(part, at), at + part.length), 0);
  return samples.subarray(0, most);
}

/** 16-bit samples as full scale ±1. */
export function asFloats(pcm: Int16Array): Float32Array {
  const samples = new Float32Array(pcm.length);
  for (let i = 0; i < pcm.length; i++) samples[i] = pcm[i] / INT16_FULL_SCALE;
  return samples;
}

/** All of a sound at once, from any rate to 16 kHz: what a pole would make of it. */
export function toPoleRate(samples: Float32Array, rateHz: number): Float32Array {
  const resampler = new Resampler(rateHz);
  const most = resampler.process(samples).slice();
  const rest = resampler.flush();
  const whole = new Float32Array(most.length + rest.length);
  whole.set(most);
  whole.set(rest, most.length);
  return whole;
}
