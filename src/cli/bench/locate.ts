import { writeFile } from 'node:fs/promises';
import Table from 'cli-table3';
import { BOUND_CASES, scoreBound, type BoundScore } from './locate-bound.js';
import { drawErrors } from './locate-plot.js';
import { readArrivalScenes, scoreScene, type ArrivalScene, type SceneScore } from './locate-scenes.js';

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
const TRIALS = 2000;
const BOUND_RATIO = 1.1;

interface Bar {
  name: string;
  value: number;
  bar: number;
  /** Is more better? */
  atLeast: boolean;
}

const meets = ({ value, bar, atLeast }: Bar): boolean => (atLeast ? value >= bar : value <= bar);

/** `clameur bench --locate`: error against the Cramér–Rao bound, and real tests from their raw arrivals. */
export async function benchLocate(options: BenchLocateOptions): Promise<boolean> {
  const next = seeded(options.seed);
  const bounds = BOUND_CASES.map((which) => scoreBound(which, TRIALS, next));
  const bars: Bar[] = [
    {
      name: 'RMSE over the Cramér–Rao bound, worst case',
      value: Math.max(...bounds.map(({ rmseMeters, boundMeters }) => rmseMeters / boundMeters)),
      bar: BOUND_RATIO,
      atLeast: false,
    },
  ];
  if (!options.json) options.say(boundTable(bounds));
  else for (const score of bounds) print({ kind: 'bound', ...score });
  if (options.scenes !== undefined) {
    const scenes = await readArrivalScenes(options.scenes);
    if (scenes.length === 0) throw new RangeError(`${options.scenes} has no folder with an arrivals.json`);
    // Opened before the work, so that a wrong path is told at once.
    if (options.plot !== undefined) await writeFile(options.plot, '');
    const scored = scoreScenes(scenes, options, next);
    bars.push(...scored.bars);
    if (options.plot !== undefined) await writeFile(options.plot, drawErrors(scored.series));
  }
  const met = bars.every(meets);
  if (options.json) {
    print({ kind: 'totals', met, bars: bars.map((bar) => ({ ...bar, met: meets(bar) })) });
  } else {
    options.say(barTable(bars));
  }
  return met;
}

function scoreScenes(
  scenes: readonly ArrivalScene[],
  { json }: BenchLocateOptions,
  next: () => number,
): { bars: Bar[]; series: Array<{ name: string; errors: number[] }> } {
  const all = scenes.map((scene) => scoreScene(scene));
  const six = scenes.flatMap((scene) => draws(scene, 6, next));
  const four = scenes.flatMap((scene) => draws(scene, 4, next));
  if (json) for (const score of all) print({ kind: 'scene', ...score });
  const series = [
    { name: 'all sensors', errors: all.flatMap(({ errors }) => errors) },
    { name: '6 sensors', errors: six.flatMap(({ errors }) => errors) },
    { name: '4 sensors', errors: four.flatMap(({ errors }) => errors) },
  ];
  const spurious = all.reduce((sum, score) => sum + score.spurious, 0);
  const bar = (name: string, value: number, limit: number, atLeast = true): Bar => ({
    name,
    value,
    bar: limit,
    atLeast,
  });
  const bars = [
    bar('all sensors: shots found', within(all, Infinity), 1),
    bar('all sensors: within 15 m', within(all, 15), 1),
    bar('all sensors: within 9 m', within(all, 9), 0.95),
    bar('all sensors: spurious incidents in 50 tests', (spurious * 50) / scenes.length, 2, false),
    bar('all sensors: ellipse holds the truth', coverage(all), 0.9),
    bar('6 sensors: within 15 m', within(six, 15), 0.98),
    bar('6 sensors: ellipse holds the truth', coverage(six), 0.9),
    bar('4 sensors: within 15 m', within(four, 15), 0.88),
    bar('4 sensors: ellipse holds the truth', coverage(four), 0.9),
  ];
  return { bars, series };
}

/** A few random choices of sensors among those that heard every shot. */
function draws(scene: ArrivalScene, count: number, next: () => number): SceneScore[] {
  const shots = new Set(scene.pulses.flatMap(({ shot }) => shot ?? []));
  const heard = (pole: string) =>
    [...shots].every((shot) => scene.pulses.some((pulse) => pulse.pole === pole && pulse.shot === shot));
  const pool = scene.site.poles.map(({ pole }) => pole).filter(heard);
  return Array.from({ length: DRAWS }, () => {
    const left = [...pool];
    const chosen = new Set<string>();
    while (chosen.size < count && left.length > 0) {
      chosen.add(left.splice(Math.floor(next() * left.length), 1)[0]);
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

function boundTable(scores: readonly BoundScore[]): string {
  const table = new Table({ head: ['poles', 'spacing m', 'σ ms', 'wind m/s', 'RMSE m', 'bound m', 'ratio'] });
  for (const s of scores) {
    table.push([
      s.poles,
      s.spacingMeters,
      s.sigmaSeconds * 1000,
      s.windSpeed,
      s.rmseMeters.toFixed(2),
      s.boundMeters.toFixed(2),
      (s.rmseMeters / s.boundMeters).toFixed(3),
    ]);
  }
  return table.toString();
}

function barTable(bars: readonly Bar[]): string {
  const table = new Table({ head: ['', 'measured', 'bar', ''] });
  for (const one of bars) {
    const bar = `${one.atLeast ? '≥' : '≤'} ${one.bar}`;
    table.push([one.name, one.value.toFixed(3), bar, meets(one) ? 'met' : 'MISSED']);
  }
  return table.toString();
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** Numbers 0 to 1 from a text: FNV-1a into mulberry32. */
function seeded(seed: string): () => number {
  let s = 2166136261;
  for (const char of seed) s = Math.imul(s ^ char.charCodeAt(0), 16777619);
  return () => {
    s = (s + 0x6d2b79f5) | 0;
    let t = Math.imul(s ^ (s >>> 15), 1 | s);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
