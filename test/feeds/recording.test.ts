import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openRecording } from '../../src/feeds/index.js';
import { wavFile } from '../support/wav.js';

const AUDIO = new URL('./audio/', import.meta.url).pathname;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'clameur-recording-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

async function readAll(path: string): Promise<number[][]> {
  const recording = await openRecording(path);
  const channels: number[][] = Array.from({ length: recording.channelCount }, () => []);
  for await (const piece of recording.pieces()) {
    piece.forEach((channel, c) => channel.forEach((value) => channels[c].push(value)));
  }
  return channels;
}

async function refusal(path: string): Promise<string> {
  try {
    await readAll(path);
  } catch (error) {
    expect(error).toMatchObject({ code: 'RECORDING_UNREADABLE', exitCode: 2 });
    return (error as Error).message;
  }
  throw new Error('was read');
}

describe('a WAV recording', () => {
  test.each([8000, 11025, 12000, 16000, 44100, 48000, 96000, 192000])(
    'at %i Hz is read at its own rate, sample for sample',
    async (rate) => {
      const sound = Float32Array.from({ length: rate / 5 }, (_, i) => Math.sin(i * i * 1e-3) * 0.9);
      const path = file(`at-${rate}.wav`, wavFile(rate, [sound], 'float32'));
      const recording = await openRecording(path);
      expect(recording).toMatchObject({
        sampleRateHz: rate,
        channelCount: 1,
        durationSeconds: sound.length / rate,
      });
      expect(Float32Array.from((await readAll(path))[0])).toEqual(sound);
    },
  );

  test('longer than a piece in memory comes out whole', async () => {
    const sound = Float32Array.from({ length: 8000 * 25 + 17 }, (_, i) => ((i * 7919) % 65536) / 65536 - 0.5);
    const [read] = await readAll(file('long.wav', wavFile(8000, [sound])));
    expect(read).toHaveLength(sound.length);
    expect(read.findIndex((value, i) => Math.abs(value - sound[i]) > 1 / 32768)).toBe(-1);
  });

  test('keeps its channels apart', async () => {
    const channels = await readAll(
      file(
        'two.wav',
        wavFile(16000, [
          [0.5, 0.5],
          [-0.25, 0],
        ]),
      ),
    );
    expect(channels).toEqual([
      [0.5, 0.5],
      [-0.25, 0],
    ]);
  });

  test('written as a stream, without its length, is read to its end', async () => {
    const bytes = wavFile(16000, [[0.5, 0.25, 0]]);
    bytes.writeUInt32LE(0xffffffff, 40);
    expect(await readAll(file('stream.wav', bytes))).toEqual([[0.5, 0.25, 0]]);
  });
});

describe('a packed recording', () => {
  // A 1 ms burst of 1 kHz at 0.5 s, made with ffmpeg.
  test.each([
    ['click.flac', 44100],
    ['click.ogg', 48000],
    ['click.mp3', 44100],
    ['click-22050.mp3', 22050],
  ])('%s is read at its own rate, each sound at its time and not a sample more', async (name, rate) => {
    const recording = await openRecording(join(AUDIO, name));
    expect(recording.sampleRateHz).toBe(rate);
    expect(recording.durationSeconds).toBeCloseTo(1, 6);
    const [sound] = await readAll(join(AUDIO, name));
    expect(sound).toHaveLength(rate);
    const peak = sound.reduce((best, value, i) => (value > sound[best] ? i : best), 0);
    expect(Math.abs(peak - rate / 2)).toBeLessThanOrEqual(1);
  });
});

describe('a recording that cannot be read says what is wrong, and the mend:', () => {
  const whole = (name: string) => readFileSync(join(AUDIO, name));
  const half = (name: string) => whole(name).subarray(0, whole(name).length / 2);

  test.each<[string, Uint8Array, RegExp]>([
    ['missing.wav', new Uint8Array(0), /no such file.*Check the name/],
    ['empty.wav', new Uint8Array(0), /is empty.*Copy it again/],
    [
      'noise.wav',
      Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919) % 251),
      /damaged, or no WAV.*ffmpeg -i noise\.wav/,
    ],
    ['head.wav', wavFile(16000, [[0, 0]]).subarray(0, 20), /damaged.*or holds no sound/],
    ['none.wav', wavFile(16000, [[]]), /holds no sound.*Record it again/],
    [
      'cut.wav',
      wavFile(16000, [new Float32Array(1000)]).subarray(0, 1044),
      /cut short: it holds 1000 bytes of sound of 2000/,
    ],
    ['cut.flac', half('click.flac'), /cut short: it holds the beginning of its sound.*ffmpeg -i cut\.flac/],
    ['cut.ogg', half('click.ogg'), /cut short|damaged/],
    ['cut.mp3', half('click.mp3'), /cut short: it holds 0\.\d\d s of 1\.0\d s/],
    ['slow.wav', wavFile(4000, [[0, 0]]), /rate is 4000 Hz.*8000 to 192000/],
    [
      'nine.wav',
      wavFile(
        16000,
        Array.from({ length: 9 }, () => [0]),
      ),
      /9 channels.*One to eight/,
    ],
    ['click.opus', whole('click.opus'), /Opus.*not supported.*ffmpeg -i click\.opus/],
  ])('%s', async (name, bytes, message) => {
    const path = name === 'missing.wav' ? join(folder, name) : file(name, bytes);
    const text = await refusal(path);
    expect(text).toMatch(message);
    expect(text).toContain(path);
  });
});
