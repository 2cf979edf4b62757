import { mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { formatTime, parseTime } from '../../src/audio/index.js';
import { openRecording, readScene } from '../../src/feeds/index.js';
import type { PoleSound } from './plain-pole.js';

/** A copy of a scene whose sound begins at `startMillis`; its audio files are links to the originals. */
export async function shiftScene(folder: string, startMillis: number): Promise<string> {
  const scene = JSON.parse(await readFile(join(folder, 'scene.json'), 'utf8')) as {
    recordings: Array<{ file: string; start: string }>;
    truth: Array<{ time?: string }>;
  };
  const first = scene.recordings.map(({ start }) => parseTime(start)).reduce((a, b) => (b < a ? b : a));
  const shift = BigInt(startMillis) * 1_000_000n - first;
  const moved = (time: string): string => formatTime(parseTime(time) + shift, 9);
  const target = await mkdtemp(join(tmpdir(), 'clameur-scene-'));
  for (const recording of scene.recordings) {
    recording.start = moved(recording.start);
    await symlink(resolve(folder, recording.file), join(target, recording.file));
  }
  for (const truth of scene.truth) if (truth.time !== undefined) truth.time = moved(truth.time);
  await writeFile(join(target, 'scene.json'), JSON.stringify(scene));
  await symlink(resolve(folder, 'site.geojson'), join(target, 'site.geojson'));
  return target;
}

/** A scene's sound as 16-bit samples, for a sender. */
export async function soundOf(folder: string): Promise<PoleSound[]> {
  const scene = await readScene(folder);
  return Promise.all(
    scene.recordings.map(async ({ pole, file, startNanos, clockUncertaintySeconds }) => {
      const recording = await openRecording(file);
      const samples: number[] = [];
      for await (const [mono] of recording.pieces())
        for (const value of mono) samples.push(Math.round(value * 32768));
      return {
        pole,
        rateHz: recording.sampleRateHz,
        startNanos,
        samples: Int16Array.from(samples),
        ...(clockUncertaintySeconds !== undefined && { uncertaintyNanos: clockUncertaintySeconds * 1e9 }),
      };
    }),
  );
}
