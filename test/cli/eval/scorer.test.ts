import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rankingFigures } from '../../../src/cli/eval/bootstrap.js';
import {
  eventCounts,
  eventScore,
  sumCounts,
  type FoundEvent,
  type SoundEvent,
} from '../../../src/cli/eval/events.js';
import { poissonUpperBound } from '../../../src/cli/eval/poisson.js';
import { psds, PSDS_LOOSE, PSDS_SCENARIO_1 } from '../../../src/cli/eval/psds.js';
import {
  areaUnderRoc,
  averagePrecision,
  Ranking,
  recallAt,
  thresholdAt,
  type Example,
} from '../../../src/cli/eval/ranking.js';
import { detCurve, falseAlarms, strays, streamFigures } from '../../../src/cli/eval/stream-figures.js';
import { Random } from '../../../src/simulate/index.js';
import { ROOT } from '../../support/service.js';

const FOLDER = join(ROOT, 'test/cli/eval/golden');
const CLASSES = ['gunshot', 'explosion', 'crowd_clamour'];

interface Golden {
  seconds: number;
  truths: SoundEvent[];
  found: FoundEvent[];
  clips: { clip: string; positive: boolean; score: number }[];
  expected: {
    eventBased: Record<
      string,
      {
        overall: { f1: number; precision: number; recall: number };
        classes: Record<string, { f1: number; truths: number; found: number }>;
      }
    >;
    psds: Record<string, { value: number; classes: Record<string, number> }>;
    clipBased: { auc: number; ap: number };
  };
}

const golden = JSON.parse(readFileSync(join(FOLDER, 'golden.json'), 'utf8')) as Golden;
const hours = golden.seconds / 3600;

describe('the scorer agrees with published ones on the same events', () => {
  test.each(Object.keys(golden.expected.eventBased))(
    'sed_eval 0.2.1: event-based F1 with an onset collar of %s s',
    (collar) => {
      const { overall, classes } = golden.expected.eventBased[collar];
      const operating = golden.found.filter(({ score }) => score >= 0.5);
      const counts = eventCounts(golden.truths, operating, Number(collar));
      const all = eventScore(sumCounts(counts.values()));
      expect(all.f1).toBeCloseTo(overall.f1, 9);
      expect(all.precision).toBeCloseTo(overall.precision, 9);
      expect(all.recall).toBeCloseTo(overall.recall, 9);
      for (const name of CLASSES) {
        const own = eventScore(counts.get(name)!);
        expect(own).toMatchObject({ truths: classes[name].truths, found: classes[name].found });
        expect(own.f1).toBeCloseTo(classes[name].f1, 9);
      }
    },
  );

  test.each([
    ['0.7', PSDS_SCENARIO_1],
    // Not 0.1: at a score of 0 a timeline is one event of ten minutes, and crowds fill more than a tenth of it.
    ['0.4', { ...PSDS_LOOSE, detectionTolerance: 0.4, truthIntersection: 0.4 }],
  ])('sed_scores_eval 0.0.4: PSDS with tolerances of %s', (tolerance, options) => {
    const { value, classes } = golden.expected.psds[tolerance];
    expect(psds(golden.truths, golden.found, CLASSES, hours, options)).toBeCloseTo(value, 9);
    for (const name of CLASSES)
      expect(psds(golden.truths, golden.found, [name], hours, options)).toBeCloseTo(classes[name], 9);
  });

  test('sed_scores_eval 0.0.4: AUC and average precision of clips', () => {
    const curve = new Ranking(golden.clips.map((clip) => ({ ...clip, group: clip.clip }))).curve();
    expect(areaUnderRoc(curve)).toBeCloseTo(golden.expected.clipBased.auc, 9);
    expect(averagePrecision(curve)).toBeCloseTo(golden.expected.clipBased.ap, 9);
  });

  test('the golden file is what those scorers say today, where they are installed', (context) => {
    const python = process.env['CLAMEUR_PYTHON'] ?? 'python3';
    const run = spawnSync(python, [join(FOLDER, 'make.py'), join(FOLDER, 'golden.json')], {
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    });
    if (run.status !== 0) {
      const reason = run.error?.message ?? run.stderr.trim().split('\n').pop();
      process.stderr.write(`skipped: the published scorers do not run here with ${python}: ${reason}\n`);
      context.skip();
    }
    expect((JSON.parse(run.stdout) as Golden).expected).toEqual(golden.expected);
  });
});

const example = fc.record({
  score: fc.integer({ min: 0, max: 20 }).map((k) => k / 20),
  positive: fc.boolean(),
  group: fc.constantFrom('a', 'b', 'c'),
});
const both = fc
  .array(example, { minLength: 4, maxLength: 60 })
  .filter((list) => list.some(({ positive }) => positive) && list.some(({ positive }) => !positive));

describe('ranking', () => {
  test('AUC is the chance that a positive scores above a negative, ties half', () => {
    fc.assert(
      fc.property(both, (examples) => {
        const scores = (wanted: boolean): number[] =>
          examples.filter(({ positive }) => positive === wanted).map(({ score }) => score);
        const pairs = scores(true).flatMap((p) =>
          scores(false).map((n): number => (p > n ? 1 : p === n ? 0.5 : 0)),
        );
        const chance = pairs.reduce((sum, one) => sum + one, 0) / pairs.length;
        expect(areaUnderRoc(new Ranking(examples).curve())).toBeCloseTo(chance, 9);
      }),
    );
  });

  test('recall at a rate is what its threshold finds, and no more negatives than the rate reach it', () => {
    fc.assert(
      fc.property(both, fc.constantFrom(0.001, 0.01, 0.1, 0.5), (examples, rate) => {
        const curve = new Ranking(examples).curve();
        const limit = thresholdAt(curve, rate);
        const reach = (wanted: boolean): number =>
          examples.filter(({ positive, score }) => positive === wanted && score >= limit).length;
        const negatives = examples.filter(({ positive }) => !positive).length;
        expect(reach(false)).toBeLessThanOrEqual(rate * negatives + 1e-9);
        expect(recallAt(curve, rate)).toBeCloseTo(reach(true) / (examples.length - negatives), 9);
      }),
    );
  });

  test('weights of a bootstrap draw count as copies would', () => {
    fc.assert(
      fc.property(both, fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3)), (examples, copies) => {
        const groups = [
          ...new Set([...examples].sort((a, b) => b.score - a.score).map(({ group }) => group)),
        ];
        const copied = examples.flatMap((one) => Array<Example>(copies[groups.indexOf(one.group)]).fill(one));
        const drawn = averagePrecision(new Ranking(examples).curve(copies));
        const made = averagePrecision(new Ranking(copied).curve());
        expect(Number.isNaN(drawn) ? 0 : drawn).toBeCloseTo(Number.isNaN(made) ? 0 : made, 9);
      }),
    );
  });

  test('an interval holds its figure, is the same for the same seed, and wider with fewer groups', () => {
    const random = new Random('examples');
    const make = (groups: number): Example[] =>
      Array.from({ length: 300 }, (_, i) => ({
        positive: i % 3 === 0,
        score:
          Math.round(500 * (random.next() + (i % 3 === 0 ? 0.5 : 0) + (((i % groups) * 7) % 5) / 10)) / 1000,
        group: `g${i % groups}`,
      }));
    const many = make(150);
    const figures = (examples: Example[]) => rankingFigures(examples, 200, new Random('draws')).auc!;
    expect(figures(many)).toEqual(figures(many));
    for (const { value, low, high } of [figures(many), figures(make(6))]) {
      expect(low!).toBeLessThan(value);
      expect(high!).toBeGreaterThan(value);
    }
  });
});

const at = (file: string, onset: number, name = 'gunshot', score = 0.9, seconds = 0.5): FoundEvent => ({
  file,
  class: name,
  onset,
  offset: onset + seconds,
  score,
});

describe('streams', () => {
  test('each truth explains one alert, of its class, its file and within the collar', () => {
    const truths = [at('a', 10), at('a', 10.3), at('b', 10), at('a', 30, 'explosion')];
    const found = [at('a', 10.15), at('a', 10.16), at('b', 10.21), at('a', 30.1)];
    expect(sumCounts(eventCounts(truths, found, 0.2).values())).toEqual({ truths: 4, found: 4, hits: 2 });
  });

  test.each([
    [0, 2.9957],
    [1, 4.7439],
    [10, 16.9622],
    [100, 118.0793],
  ])(
    'after %i events the upper bound of a Poisson mean at 0.95 is %f (chi-squared tables)',
    (count, bound) => {
      expect(poissonUpperBound(count)).toBeCloseTo(bound, 3);
    },
  );

  test('zero false alarms in a pole-day prove fewer than three a day, and no less', () => {
    expect(falseAlarms(0, 86_400)).toMatchObject({ count: 0, poleHours: 24, perPoleDay: 0 });
    expect(falseAlarms(0, 86_400).upperBoundPerPoleDay).toBeCloseTo(2.9957, 3);
  });

  test('an alert while something truly happens is no false alarm, though it may be a wrong name', () => {
    const truths = [at('a', 10, 'explosion')];
    const found = [at('a', 10.1), at('a', 60), at('b', 10.1)];
    expect(strays(truths, found)).toEqual([found[1], found[2]]);
  });

  test('a stricter confidence misses more and alarms less', () => {
    const truths = [at('a', 10), at('a', 50)];
    const found = [at('a', 10, 'gunshot', 0.9), at('a', 50, 'gunshot', 0.6), at('a', 80, 'gunshot', 0.7)];
    expect(detCurve(truths, found, 86_400)).toEqual([
      { confidence: 0.9, falseAlarmsPerPoleDay: 0, missShare: 0.5 },
      { confidence: 0.7, falseAlarmsPerPoleDay: 1, missShare: 0.5 },
      { confidence: 0.6, falseAlarmsPerPoleDay: 1, missShare: 0 },
    ]);
  });

  test('perfect hearing scores one everywhere, and deafness zero', () => {
    const truths = [at('a', 10), at('a', 50, 'explosion'), at('b', 20, 'crowd_clamour', 1, 8)];
    const input = { truths, seconds: 3600, poles: 4 };
    expect(streamFigures({ ...input, shipped: truths, permissive: truths })).toMatchObject({
      poleHours: 4,
      psdsScenario1: 1,
      psdsLoose: 1,
      falseAlarms: { count: 0 },
    });
    const deaf = streamFigures({ ...input, shipped: [], permissive: [] });
    expect(deaf).toMatchObject({ psdsScenario1: 0, det: [] });
    expect(deaf.events.every(({ f1 }) => f1 === 0)).toBe(true);
  });
});
