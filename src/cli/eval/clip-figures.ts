import type { Model } from '../../listen/index.js';
import { Random } from '../../simulate/index.js';
import { rankingFigures, shareFigure, type Figure, type RankingFigures } from './bootstrap.js';
import { ALERT_CLASSES, type AlertClass } from './clip-list.js';
import type { ScoredClip } from './clip-scores.js';
import { Ranking, thresholdAt, type Example, type OperatingPoint } from './ranking.js';

export interface BandFigures {
  band: string;
  condition: string;
  positives: number;
  recallAt1Percent: Figure;
}

export interface ConfuserFigures {
  confuser: string;
  clips: number;
  /** Share of its clips, as they are, above the score that 1 % of all such negatives reach. */
  shareAt1Percent: Figure;
  aboveOn: number;
  aboveAlone: number;
  highest: number;
}

export interface ClassFigures {
  class: AlertClass;
  conditions: Array<{ condition: string } & RankingFigures & { recallAtOneThreshold?: Figure }>;
  bands: BandFigures[];
  confusers: ConfuserFigures[];
  /** Of its positives as they are: which alert class scored highest. */
  takenFor: Record<string, number>;
}

/** Curves for the report, by condition. */
export interface ClassCurves {
  class: AlertClass;
  condition: string;
  curve: OperatingPoint[];
  examples: Example[];
}

export interface ClipFigures {
  classes: ClassFigures[];
  curves: ClassCurves[];
}

const BAND_EDGES_METERS = [0, 150, 300] as const;

/** 0–150, 150–300 and 300+ m. */
export function bandOf(meters: number): string {
  const k = BAND_EDGES_METERS.findLastIndex((edge) => meters >= edge);
  return k === BAND_EDGES_METERS.length - 1
    ? `${BAND_EDGES_METERS[k]}+ m`
    : `${BAND_EDGES_METERS[k]}–${BAND_EDGES_METERS[k + 1]} m`;
}

/**
 * What one model's scores are worth, class by class: its positives against the negatives under the same condition; another
 * alert class is neither. `at`: the model's place in each row's scores.
 */
export function clipFigures(
  rows: readonly ScoredClip[],
  at: number,
  { thresholds }: Pick<Model, 'thresholds'>,
  draws: number,
  seed: string,
): ClipFigures {
  const figures: ClipFigures = { classes: [], curves: [] };
  for (const name of ALERT_CLASSES) {
    const scoreOf = (row: ScoredClip): number => row.scores[at][name] ?? 0;
    const exampleOf = (row: ScoredClip): Example => ({
      score: scoreOf(row),
      positive: row.clip.class === name,
      group: row.clip.group,
    });
    const random = (what: string): Random => new Random(`${seed}/${name}/${what}`);
    const positives = rows.filter(({ clip }) => clip.class === name);
    const negatives = rows.filter(({ clip }) => clip.class === 'negative');
    if (positives.length === 0) continue;
    const clean = negatives.filter(({ condition }) => condition === 'clean');
    const oneThreshold = thresholdAt(new Ranking(negatives.map(exampleOf)).curve(), 0.01);
    const against = (condition: string): ScoredClip[] => {
      const same = negatives.filter((row) => row.condition === condition);
      return same.length > 0 ? same : clean;
    };
    const conditions: ClassFigures['conditions'] = [];
    const bands: BandFigures[] = [];
    for (const condition of new Set(positives.map((row) => row.condition))) {
      const own = positives.filter((row) => row.condition === condition);
      const examples = [...own, ...against(condition)].map(exampleOf);
      const ranked = rankingFigures(examples, draws, random(condition));
      const found = (limit: number) => (row: ScoredClip) => ({
        found: scoreOf(row) >= limit,
        group: row.clip.group,
      });
      conditions.push({
        condition,
        ...ranked,
        ...(negatives.length > 0 && {
          recallAtOneThreshold: shareFigure(own.map(found(oneThreshold)), draws, random(`one ${condition}`)),
        }),
      });
      figures.curves.push({ class: name, condition, curve: new Ranking(examples).curve(), examples });
      const limit = ranked.thresholdAt1Percent ?? Infinity;
      const far = own.filter(({ distanceMeters }) => distanceMeters !== undefined);
      for (const band of BAND_EDGES_METERS.map((edge) => bandOf(edge))) {
        const there = far.filter(({ distanceMeters }) => bandOf(distanceMeters!) === band);
        if (there.length > 0)
          bands.push({
            band,
            condition,
            positives: there.length,
            recallAt1Percent: shareFigure(there.map(found(limit)), draws, random(`${band} ${condition}`)),
          });
      }
    }
    const cleanLimit = thresholdAt(new Ranking(clean.map(exampleOf)).curve(), 0.01);
    const limits = thresholds[name];
    const confusers = [...new Set(clean.map(({ clip }) => clip.confuser ?? 'other'))]
      .sort()
      .map((confuser) => {
        const own = clean.filter(({ clip }) => (clip.confuser ?? 'other') === confuser);
        const scores = own.map(scoreOf);
        return {
          confuser,
          clips: own.length,
          shareAt1Percent: shareFigure(
            own.map((row) => ({ found: scoreOf(row) >= cleanLimit, group: row.clip.group })),
            draws,
            random(`confuser ${confuser}`),
          ),
          aboveOn: scores.filter((score) => limits && score >= limits.on).length,
          aboveAlone: scores.filter((score) => limits && score >= limits.alone).length,
          highest: Math.max(...scores),
        };
      });
    const takenFor: Record<string, number> = {};
    for (const { condition, scores } of positives) {
      if (condition !== 'clean') continue;
      const best = ALERT_CLASSES.reduce((a, b) => ((scores[at][b] ?? 0) > (scores[at][a] ?? 0) ? b : a));
      takenFor[best] = (takenFor[best] ?? 0) + 1;
    }
    figures.classes.push({ class: name, conditions, bands, confusers, takenFor });
  }
  return figures;
}
