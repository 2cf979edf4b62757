import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { parseTime, secondsBetween, secondsToNanos, type Nanos } from '../../audio/index.js';
import { readScene, type Scene } from '../../feeds/index.js';
import type { Classifier, ScoredPatch, Scores } from '../../listen/index.js';
import { distanceMeters, soundSpeed } from '../../locate/index.js';
import { Random } from '../../simulate/index.js';
import { readMono } from '../mono.js';
import { rankingFigures, shareFigure, type Figure, type RankingFigures } from './bootstrap.js';
import { bandOf } from './clip-figures.js';
import { invalid } from './clip-list.js';
import { hear, highest, sideBySide } from './hear.js';
import { Ranking, type Example, type OperatingPoint } from './ranking.js';

const arrivalsSchema = z.array(
  z.looseObject({ pole: z.string(), arrival: z.string(), shot: z.int().nullable() }),
);

/** A moment of a recording: the patches that hold it and the tenth of a second behind it judge it. */
export interface Window {
  scene: string;
  pole: string;
  shot: boolean;
  distanceMeters?: number;
  /** One a model. */
  scores: Scores[];
}

const MOST_SECONDS = 120;
const BEHIND_SECONDS = 0.1;
const STEP_SECONDS = 0.5;
/** A patch is free of a shot that comes after it, and of one that lies so far back that its echoes have died. */
const ECHO_SECONDS = 1.2;
const LANES = 4;

/**
 * Windows at known arrivals, and on a half-second grid those that no patch with a shot touches. A shot that a recorded
 * pole did not report is expected from its distance: such a stretch is neither. Throws EVAL_INVALID.
 */
export async function liveFireWindows(
  folders: readonly string[],
  classifiers: readonly Classifier[],
  onProgress: (done: number, total: number) => void,
): Promise<Window[]> {
  let done = 0;
  const windows = await sideBySide(folders, LANES, async (folder) => {
    const scene = await readScene(folder);
    const shots = await shotsOf(folder, scene);
    const found: Window[] = [];
    for (const { pole, file, startNanos } of scene.recordings) {
      const samples = await readMono(file, MOST_SECONDS);
      const heard: ScoredPatch[][] = [];
      for (const classifier of classifiers) heard.push((await hear(classifier, samples, startNanos)).patches);
      found.push(...windowsOf(folder, pole, startNanos, samples.length / 16_000, shots, heard));
    }
    onProgress(++done, folders.length);
    return found;
  });
  return windows.flat();
}

interface ShotAtPole {
  pole: string;
  timeNanos: Nanos;
  known: boolean;
  distanceMeters: number;
}

async function shotsOf(folder: string, scene: Scene): Promise<ShotAtPole[]> {
  const file = join(folder, 'arrivals.json');
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw invalid(
      file,
      'it cannot be read',
      'Give scenes with known arrivals, or leave --live-fire out',
      cause,
    );
  });
  const read = arrivalsSchema.safeParse(JSON.parse(text));
  if (!read.success)
    throw invalid(file, read.error.issues[0].message, 'Each arrival has a pole, an arrival time and a shot');
  const place = scene.truth[0]?.location;
  if (!place) throw invalid(folder, 'its truth has no location', 'Distances need one');
  const metersOf = new Map(
    scene.site.poles.map(({ pole, position }) => [pole, distanceMeters(position, place)]),
  );
  const speed = soundSpeed(scene.weather?.temperatureC ?? 15, scene.weather?.relativeHumidity ?? 60);
  const assigned = read.data.filter(({ shot, pole }) => shot !== null && metersOf.has(pole));
  const shots: ShotAtPole[] = [];
  for (const shot of new Set(assigned.map((one) => one.shot))) {
    const own = assigned.filter((one) => one.shot === shot);
    const emissions = own
      .map(({ pole, arrival }) => parseTime(arrival) - secondsToNanos(metersOf.get(pole)! / speed))
      .sort((a, b) => Number(a - b));
    const emission = emissions[emissions.length >> 1];
    for (const { pole } of scene.recordings) {
      const meters = metersOf.get(pole)!;
      const arrivals = own.filter((one) => one.pole === pole).map(({ arrival }) => parseTime(arrival));
      const known = arrivals.length > 0;
      const expected = emission + secondsToNanos(meters / speed);
      const timeNanos = known ? arrivals.reduce((a, b) => (b < a ? b : a)) : expected;
      shots.push({ pole, timeNanos, known, distanceMeters: meters });
    }
  }
  return shots;
}

function windowsOf(
  scene: string,
  pole: string,
  startNanos: Nanos,
  seconds: number,
  shots: readonly ShotAtPole[],
  heard: ReadonlyArray<readonly ScoredPatch[]>,
): Window[] {
  const own = shots.filter((shot) => shot.pole === pole);
  const around = (moment: Nanos): ScoredPatch[][] =>
    heard.map((patches) =>
      patches.filter(
        ({ startNanos: from, endNanos: to }) =>
          from <= moment && to >= moment + secondsToNanos(BEHIND_SECONDS),
      ),
    );
  const windows: Window[] = [];
  for (const { known, timeNanos, distanceMeters: meters } of own) {
    const patches = around(timeNanos);
    if (known && patches.every((list) => list.length > 0))
      windows.push({ scene, pole, shot: true, distanceMeters: meters, scores: patches.map(highest) });
  }
  for (let at = STEP_SECONDS; at < seconds - STEP_SECONDS; at += STEP_SECONDS) {
    const patches = around(startNanos + secondsToNanos(at));
    const free = patches.every(
      (list) =>
        list.length > 0 &&
        list.every(({ startNanos: from, endNanos: to }) =>
          own.every(({ timeNanos }) => timeNanos > to || secondsBetween(timeNanos, from) > ECHO_SECONDS),
        ),
    );
    if (free) windows.push({ scene, pole, shot: false, scores: patches.map(highest) });
  }
  return windows;
}

export interface LiveFireResult {
  model: string;
  figures: LiveFireFigures;
  curve: OperatingPoint[];
  examples: Example[];
}

export interface LiveFireFigures extends RankingFigures {
  bands: Array<{ band: string; positives: number; recallAt1Percent: Figure }>;
}

/** Gunshot scores at shots against those of shot-free windows; whole scenes are drawn together. */
export function liveFireFigures(
  windows: readonly Window[],
  at: number,
  draws: number,
  seed: string,
): { figures: LiveFireFigures; curve: OperatingPoint[]; examples: Example[] } {
  const exampleOf = ({ scores, shot, scene }: Window): Example => ({
    score: scores[at]['gunshot'] ?? 0,
    positive: shot,
    group: scene,
  });
  const examples = windows.map(exampleOf);
  const ranked = rankingFigures(examples, draws, new Random(`${seed}/live fire`));
  const limit = ranked.thresholdAt1Percent ?? Infinity;
  const shots = windows.filter(({ shot }) => shot);
  const bands = ['0–150 m', '150–300 m', '300+ m'].flatMap((band) => {
    const own = shots.filter(({ distanceMeters: meters }) => bandOf(meters!) === band);
    if (own.length === 0) return [];
    const found = own.map((one) => ({ found: exampleOf(one).score >= limit, group: one.scene }));
    return [
      {
        band,
        positives: own.length,
        recallAt1Percent: shareFigure(found, draws, new Random(`${seed}/live fire ${band}`)),
      },
    ];
  });
  return { figures: { ...ranked, bands }, curve: new Ranking(examples).curve(), examples };
}
