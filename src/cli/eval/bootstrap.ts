import type { Random } from '../../simulate/index.js';
import { areaUnderRoc, averagePrecision, recallAt, thresholdAt, Ranking, type Example } from './ranking.js';
import { round } from '../bench/statistics.js';

/** A figure with the ends of its 95 % interval; these are absent where it was not asked for or cannot be told. */
export interface Figure {
  value: number;
  low?: number;
  high?: number;
}

export interface RankingFigures {
  positives: number;
  negatives: number;
  auc?: Figure;
  ap?: Figure;
  recallAt1Percent?: Figure;
  recallAt01Percent?: Figure;
  /** The score that 1 % of the negatives reach. */
  thresholdAt1Percent?: number;
}

const INTERVAL = [0.025, 0.975] as const;

/**
 * AUC, AP and recall at 1 % and 0.1 % false positives, with percentile bootstrap intervals (Efron 1979): whole groups
 * are drawn with replacement, since clips of one recording are no independent evidence. Deterministic by `random`.
 */
export function rankingFigures(examples: readonly Example[], draws: number, random: Random): RankingFigures {
  const ranking = new Ranking(examples);
  const { positives, negatives, groupCount } = ranking;
  if (positives === 0 || negatives === 0) return { positives, negatives };
  const curve = ranking.curve();
  const measures = {
    auc: areaUnderRoc,
    ap: averagePrecision,
    recallAt1Percent: (c: typeof curve) => recallAt(c, 0.01),
    recallAt01Percent: (c: typeof curve) => recallAt(c, 0.001),
  };
  const drawn: Record<string, number[]> = {};
  for (let k = 0; k < draws; k++) {
    const resampled = ranking.curve(drawGroups(groupCount, random));
    for (const [name, measure] of Object.entries(measures)) (drawn[name] ??= []).push(measure(resampled));
  }
  const figures = Object.fromEntries(
    Object.entries(measures).map(([name, measure]) => [
      name,
      withInterval(measure(curve), drawn[name] ?? []),
    ]),
  );
  const threshold = thresholdAt(curve, 0.01);
  return {
    positives,
    negatives,
    ...figures,
    ...(Number.isFinite(threshold) && { thresholdAt1Percent: threshold }),
  };
}

/** The share of `found` in `all`, with the interval of drawing whole groups. */
export function shareFigure(
  all: ReadonlyArray<{ found: boolean; group: string }>,
  draws: number,
  random: Random,
): Figure {
  const groups = new Map<string, { found: number; count: number }>();
  for (const { found, group } of all) {
    const sum = groups.get(group) ?? { found: 0, count: 0 };
    groups.set(group, { found: sum.found + Number(found), count: sum.count + 1 });
  }
  const sums = [...groups.values()];
  const share = (weights: ArrayLike<number>): number => {
    const found = sums.reduce((sum, one, i) => sum + weights[i] * one.found, 0);
    return found / sums.reduce((sum, one, i) => sum + weights[i] * one.count, 0);
  };
  const drawn = Array.from({ length: draws }, () => share(drawGroups(sums.length, random)));
  return withInterval(share(sums.map(() => 1)), drawn);
}

function drawGroups(count: number, random: Random): Uint32Array {
  const weights = new Uint32Array(count);
  for (let i = 0; i < count; i++) weights[random.int(0, count - 1)]++;
  return weights;
}

function withInterval(value: number, drawn: readonly number[]): Figure {
  const sorted = drawn.filter((one) => Number.isFinite(one)).sort((a, b) => a - b);
  if (sorted.length < 20) return { value: round(value, 4) };
  const at = (share: number): number => round(sorted[Math.round(share * (sorted.length - 1))], 4);
  return { value: round(value, 4), low: at(INTERVAL[0]), high: at(INTERVAL[1]) };
}
