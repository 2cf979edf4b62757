/** A scored example; `group`: what it must be drawn together with (one recording, one package). */
export interface Example {
  /** 0 to 1, higher = more likely of the class. */
  score: number;
  positive: boolean;
  group: string;
}

/** Examples in order of falling score: made once, then measured under many weights. */
export class Ranking {
  readonly #sorted: readonly Example[];
  readonly #groups: readonly number[];
  readonly groupCount: number;
  readonly positives: number;
  readonly negatives: number;

  constructor(examples: readonly Example[]) {
    this.#sorted = [...examples].sort((a, b) => b.score - a.score);
    const names = new Map<string, number>();
    for (const { group } of this.#sorted) if (!names.has(group)) names.set(group, names.size);
    this.#groups = this.#sorted.map(({ group }) => names.get(group)!);
    this.groupCount = names.size;
    this.positives = examples.filter(({ positive }) => positive).length;
    this.negatives = examples.length - this.positives;
  }

  /**
   * The curve of operating points "alert at this score or above": one a distinct score, from the highest down, with the
   * weights of true and false alarms so far. `weights`: one a group (a bootstrap's draw); absent = 1 each.
   */
  curve(weights?: ArrayLike<number>): OperatingPoint[] {
    const points: OperatingPoint[] = [];
    let hits = 0;
    let falseAlarms = 0;
    for (const [i, { score, positive }] of this.#sorted.entries()) {
      const weight = weights ? weights[this.#groups[i]] : 1;
      if (positive) hits += weight;
      else falseAlarms += weight;
      if (i + 1 === this.#sorted.length || this.#sorted[i + 1].score !== score)
        points.push({ score, hits, falseAlarms });
    }
    return points;
  }
}

export interface OperatingPoint {
  score: number;
  /** Weight of the positives at this score or above. */
  hits: number;
  falseAlarms: number;
}

const last = (curve: readonly OperatingPoint[]): OperatingPoint =>
  curve[curve.length - 1] ?? { score: 0, hits: 0, falseAlarms: 0 };

/** Area under the ROC: the chance that a positive scores above a negative, ties half. NaN where either is missing. */
export function areaUnderRoc(curve: readonly OperatingPoint[]): number {
  const { hits: all, falseAlarms: negatives } = last(curve);
  let area = 0;
  let before: OperatingPoint = { score: 1, hits: 0, falseAlarms: 0 };
  for (const point of curve) {
    area += ((point.hits + before.hits) / 2) * (point.falseAlarms - before.falseAlarms);
    before = point;
  }
  return area / (all * negatives);
}

/** Mean of the precision over the positives (no interpolation, as scikit-learn). NaN without positives. */
export function averagePrecision(curve: readonly OperatingPoint[]): number {
  const { hits: all } = last(curve);
  let sum = 0;
  let before = 0;
  for (const { hits, falseAlarms } of curve) {
    if (hits > before) sum += ((hits - before) * hits) / (hits + falseAlarms);
    before = hits;
  }
  return sum / all;
}

/** The lowest score that at most the share `rate` of the negatives reaches; above every score where none does. */
export function thresholdAt(curve: readonly OperatingPoint[], rate: number): number {
  const { falseAlarms: negatives } = last(curve);
  let threshold = Infinity;
  for (const { score, falseAlarms } of curve) {
    if (falseAlarms > rate * negatives * (1 + 1e-12)) break;
    threshold = score;
  }
  return threshold;
}

/** Share of the positives found where at most the share `rate` of the negatives is. NaN without either. */
export function recallAt(curve: readonly OperatingPoint[], rate: number): number {
  const { hits: all, falseAlarms: negatives } = last(curve);
  if (negatives === 0) return NaN;
  let found = 0;
  for (const { hits, falseAlarms } of curve) {
    if (falseAlarms > rate * negatives * (1 + 1e-12)) break;
    found = hits;
  }
  return found / all;
}
