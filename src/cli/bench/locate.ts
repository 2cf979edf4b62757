import { writeFile } from 'node:fs/promises';
import { ClameurError } from '../../config/index.js';
import { Random } from '../../simulate/index.js';
import { printJson } from '../output.js';
import { barTable, boundTable, leftOutTable, meets, streetTable, type Bar } from './locate-bars.js';
import { BOUND_CASES, scoreBound } from './locate-bound.js';
import { leaveOneOut, type LeftOut } from './locate-left-out.js';
import { COST_MILLISECONDS, loadBars, loadTable, scoreLoad } from './locate-load.js';
import { drawErrors } from './locate-plot.js';
import { readArrivalScenes, scoreScene, type ArrivalScene, type SceneScore } from './locate-scenes.js';
import { scoreStreets, STREET_CASES, type StreetScore } from './locate-streets.js';

export interface BenchLocateOptions {
  /** A folder of scenes with arrivals.json; without it only the simulation is run. */
  scenes?: string;
  /** Where the plot (SVG) goes. */
  plot?: string;
  seed: string;
  json: boolean;
  say: (line: string) => void;
}

const DRAWS = 3;
const BOUND_TRIALS = 2000;
const STREET_TRIALS = 400;
const BOUND_RATIO = 1.1;
/** An ellipse of 95 % holds the truth so often, give or take what some hundred trials leave open. */
const COVERAGE = { atLeast: 0.9, atMost: 0.98 };

/** `clameur bench --locate`: error against the Cramér–Rao bound, towns with weather and echoes, and real arrivals. */
export async function benchLocate(options: BenchLocateOptions): Promise<boolean> {
  const { json, say } = options;
  const scenes = options.scenes === undefined ? [] : await readArrivalScenes(options.scenes);
  if (options.scenes !== undefined && scenes.length === 0)
    throw new ClameurError('BENCH_FAILED', {
      problem: `${options.scenes} has no folder with an arrivals.json`,
    });
  if (options.plot !== undefined && options.scenes === undefined)
    throw new ClameurError('BENCH_FAILED', {
      problem: '--plot draws the errors of real shots: name their folder by --scenes',
    });
  // Opened before the work, so that a wrong path is told at once.
  if (options.plot !== undefined) await writeFile(options.plot, '');
  const random = new Random(options.seed);
  const bars: Bar[] = [];

  const bounds = BOUND_CASES.map((which, i) => {
    const draws = random.fork(`bound${i}`);
    return scoreBound(which, BOUND_TRIALS, () => draws.next());
  });
  const ratio = Math.max(...bounds.map(({ rmseMeters, boundMeters }) => rmseMeters / boundMeters));
  bars.push({ name: 'RMSE over the Cramér–Rao bound, worst case', value: ratio, atMost: BOUND_RATIO });
  if (json) for (const score of bounds) printJson({ kind: 'bound', ...score });
  else say(boundTable(bounds));

  const streets = STREET_CASES.map((which, i) =>
    scoreStreets(which, STREET_TRIALS, random.fork(`street${i}`)),
  );
  bars.push(...streetBars(streets));
  if (json) for (const score of streets) printJson({ kind: 'town', ...score });
  else say(streetTable(streets));

  const load = scoreLoad(random.fork('load'));
  bars.push(...loadBars(load));
  if (json) {
    printJson({ kind: 'incident', ...load.incident });
    for (const city of load.cities) printJson({ kind: 'city', ...city });
  } else say(loadTable(load));

  if (scenes.length > 0) {
    const scored = scoreScenes(scenes, random.fork('draws'), json);
    bars.push(...scored.bars);
    const leftOut = leaveOneOut(scenes);
    if (leftOut.length > 0) bars.push(leftOutBar(leftOut));
    if (json) for (const row of leftOut) printJson({ kind: 'left-out', ...row });
    else if (leftOut.length > 0) say(leftOutTable(leftOut));
    if (options.plot !== undefined) await writeFile(options.plot, drawErrors(scored.series));
  }
  const met = bars.every(meets);
  const measured = scenes.length > 0 ? 'simulation and real arrivals' : 'simulation only';
  if (json)
    printJson({ kind: 'totals', met, measured, bars: bars.map((bar) => ({ ...bar, met: meets(bar) })) });
  else {
    say(barTable(bars));
    if (scenes.length === 0)
      say('Simulation only: no bar of real shots was measured. Give some by --scenes.');
  }
  return met;
}

/** Where nothing but what the ellipse claims to hold is drawn, it must hold it as often as it claims. */
function streetBars(streets: readonly StreetScore[]): Bar[] {
  return streets
    .filter(({ echoes, falseArrivals }) => !echoes && falseArrivals === 0)
    .map(({ name, poles, held, located }) => ({
      name: `${name}, ${poles} poles: ellipse holds the truth`,
      value: held / located,
      ...COVERAGE,
    }));
}

/** Over all positions: shots of one share their bias, so that of each by itself an ellipse holds nearly all or few. */
function leftOutBar(leftOut: readonly LeftOut[]): Bar {
  const shots = leftOut.reduce((sum, row) => sum + row.shots, 0);
  const held = leftOut.reduce((sum, row) => sum + row.shots * row.heldByOthers, 0);
  return {
    name: 'positions left out, by the others: ellipse holds the truth',
    value: held / shots,
    ...COVERAGE,
  };
}

function scoreScenes(
  scenes: readonly ArrivalScene[],
  random: Random,
  json: boolean,
): { bars: Bar[]; series: Array<{ name: string; errors: number[] }> } {
  const all = scenes.map((scene) => scoreScene(scene));
  const six = scenes.flatMap((scene) => draws(scene, 6, random));
  const four = scenes.flatMap((scene) => draws(scene, 4, random));
  if (json) for (const score of all) printJson({ kind: 'scene', ...score });
  const series = [
    { name: 'all sensors', errors: all.flatMap(({ errors }) => errors) },
    { name: '6 sensors', errors: six.flatMap(({ errors }) => errors) },
    { name: '4 sensors', errors: four.flatMap(({ errors }) => errors) },
  ];
  const sum = (of: (score: SceneScore) => number): number =>
    all.reduce((total, score) => total + of(score), 0);
  const { atLeast } = COVERAGE;
  const bars: Bar[] = [
    { name: 'all sensors: shots found', value: within(all, Infinity), atLeast: 1 },
    { name: 'all sensors: within 15 m', value: within(all, 15), atLeast: 1 },
    { name: 'all sensors: within 9 m', value: within(all, 9), atLeast: 0.95 },
    {
      name: 'all sensors: spurious incidents in 50 tests',
      value: (sum(({ spurious }) => spurious) * 50) / scenes.length,
      atMost: 2,
    },
    { name: 'all sensors: ellipse holds the truth', value: coverage(all), atLeast },
    { name: '6 sensors: within 15 m', value: within(six, 15), atLeast: 0.98 },
    { name: '6 sensors: ellipse holds the truth', value: coverage(six), atLeast },
    { name: '4 sensors: within 15 m', value: within(four, 15), atLeast: 0.88 },
    { name: '4 sensors: ellipse holds the truth', value: coverage(four), atLeast },
    {
      // Measured a second time over, when the code is compiled as in a service that has run for a while.
      name: 'CPU of an incident from real arrivals, ms',
      value:
        scenes.reduce((total, scene) => total + scoreScene(scene).cpuMilliseconds, 0) /
        sum(({ incidents }) => incidents),
      atMost: COST_MILLISECONDS,
    },
  ];
  return { bars, series };
}

/** A few random choices of sensors among those that heard every shot. */
function draws(scene: ArrivalScene, count: number, random: Random): SceneScore[] {
  const shots = new Set(scene.pulses.flatMap(({ shot }) => shot ?? []));
  const heard = (pole: string) =>
    [...shots].every((shot) => scene.pulses.some((pulse) => pulse.pole === pole && pulse.shot === shot));
  const pool = scene.site.poles.map(({ pole }) => pole).filter(heard);
  return Array.from({ length: DRAWS }, () => {
    const left = [...pool];
    const chosen = new Set<string>();
    while (chosen.size < count && left.length > 0) {
      chosen.add(left.splice(random.int(0, left.length - 1), 1)[0]);
    }
    return scoreScene(scene, chosen);
  });
}

function within(scores: readonly SceneScore[], meters: number): number {
  const shots = scores.reduce((sum, score) => sum + score.shots, 0);
  return scores.flatMap(({ errors }) => errors).filter((error) => error <= meters).length / shots;
}

function coverage(scores: readonly SceneScore[]): number {
  const held = scores.flatMap((score) => score.held);
  return held.filter(Boolean).length / held.length;
}
