import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openRecording } from '../feeds/index.js';
import { parseSite } from '../config/index.js';
import { encodeFlac } from './flac.js';
import { calibrate } from './microphone.js';
import { resampleTo } from './resample.js';
import { SceneSimulation } from './scene.js';
import type { SceneSpec } from './scene-spec.js';
import { SOURCE_RATE_HZ } from './sources/index.js';

export interface WriteSceneOptions {
  onProgress?: (done: number, total: number) => void;
}

/**
 * Makes a scene and writes it as a folder: site.geojson, scene.json with the truth, one FLAC file per pole with a
 * channel for each of its microphones. `siteJson` is copied as it stands, except that poles which do not record here
 * say so.
 */
export async function writeScene(
  spec: SceneSpec,
  siteJson: unknown,
  folder: string,
  options: WriteSceneOptions = {},
): Promise<SceneSimulation> {
  const simulation = await SceneSimulation.prepare(spec, parseSite(siteJson), readSource);
  await mkdir(folder, { recursive: true });
  const start = spec.start;
  const recordings: unknown[] = [];
  for (const [done, pole] of simulation.poles.entries()) {
    options.onProgress?.(done, simulation.poles.length);
    const { channels, rateHz } = simulation.record(pole);
    const file = `${pole.pole}.flac`;
    await writeFile(join(folder, file), await encodeFlac(channels, rateHz));
    recordings.push({ pole: pole.pole, file, start, clockUncertaintySeconds: spec.clockUncertaintySeconds });
  }
  options.onProgress?.(simulation.poles.length, simulation.poles.length);
  const recorded = new Set(simulation.poles.map(({ pole }) => pole));
  const scene = {
    name: spec.name,
    source: `clameur simulate, seed ${spec.seed}`,
    licence: 'Apache-2.0',
    recordings,
    ...(spec.tellWeather && Object.keys(spec.weather).length > 0 && { weather: spec.weather }),
    truth: simulation.truth(),
  };
  await writeJson(join(folder, 'site.geojson'), markRecorded(siteJson as SiteJson, recorded));
  await writeJson(join(folder, 'scene.json'), scene);
  return simulation;
}

interface SiteJson {
  features: { properties: { pole: string; recorded?: boolean } }[];
}

function markRecorded(site: SiteJson, recorded: ReadonlySet<string>): SiteJson {
  return {
    ...site,
    features: site.features.map((feature) =>
      recorded.has(feature.properties.pole)
        ? feature
        : { ...feature, properties: { ...feature.properties, recorded: false } },
    ),
  };
}

async function writeJson(file: string, value: unknown): Promise<void> {
  await writeFile(file, `${JSON.stringify(value, null, 1)}\n`);
}

/** A recording as a source: its channels averaged, at the simulation's rate, its loudest sample at `peakDbSpl`. */
async function readSource(path: string, peakDbSpl: number): Promise<Float32Array> {
  const recording = await openRecording(path);
  const pieces: Float32Array[] = [];
  for await (const channels of recording.pieces()) {
    const mono = new Float32Array(channels[0].length);
    for (const channel of channels)
      for (let i = 0; i < mono.length; i++) mono[i] += channel[i] / channels.length;
    pieces.push(mono);
  }
  const whole = new Float32Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return calibrate(resampleTo(whole, recording.sampleRateHz, SOURCE_RATE_HZ), peakDbSpl);
}
