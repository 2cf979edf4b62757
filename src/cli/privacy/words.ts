import { Random } from '../../simulate/index.js';
import { shuffled } from './speech.js';

/** What an eavesdropper saw while one word was said: every number he could read, by name. */
export interface Observation {
  word: number;
  /** Which of the recordings, or of the made ones, it was: each holds one word, and is said once a round. */
  clip: number;
  seen: ReadonlyMap<string, number>;
}

export interface WordTest {
  words: number;
  said: number;
  right: number;
  /** Right answers that an eavesdropper who knows nothing exceeds one time in a thousand, all his tries counted. */
  most: number;
  passed: boolean;
  /** The numbers that he went by most, when he was most often right. */
  by: string[];
}

const FOLDS = 4;
const BEST_FEATURES = 6;
/** Sound is told of a little later than it was made: he also tries the next and the one after. */
const DELAYS = [0, 1, 2];
const MISTAKE = 0.001;
/** Standard deviations that a normal variable exceeds so seldom. */
const FAR = 3.09;
/** Wrong words that are tried for the clips, to see what guessing is worth. */
const WRONG_WORDS = 40;

/**
 * Whether anybody could tell words from what was published: a nearest-centroid classifier over the numbers that differ
 * most between words, trained on three quarters of the clips and tried on the rest, four times round, for each delay;
 * the best counts. So a clip that is known again (by how loud it was) is no word that is known.
 */
export function wordTest(observations: readonly Observation[]): WordTest {
  const words = new Set(observations.map(({ word }) => word)).size;
  const said = observations.length - Math.max(...DELAYS);
  const folds = foldsOf(observations);
  const best = bestGuess(observations, folds, words, said);
  const most = Math.max(
    binomialQuantile(said, 1 / words, MISTAKE / DELAYS.length),
    mostWithWrongWords(observations, folds, words, said),
  );
  return { words, said, ...best, most, passed: best.right <= most };
}

/** The quarter of each clip: of every word as many in each, so that who always says the same word gains nothing. */
function foldsOf(observations: readonly Observation[]): ReadonlyMap<number, number> {
  const folds = new Map<number, number>();
  const clips = new Map<number, number>();
  for (const { word, clip } of observations) {
    if (folds.has(clip)) continue;
    const before = clips.get(word) ?? 0;
    folds.set(clip, before % FOLDS);
    clips.set(word, before + 1);
  }
  return folds;
}

/**
 * A clip comes again each round and is guessed alike in all of them, right or wrong, so that the binomial law is too
 * narrow. The same clips with their words dealt out anew, within each quarter, show what such guesses are worth.
 */
function mostWithWrongWords(
  observations: readonly Observation[],
  folds: ReadonlyMap<number, number>,
  words: number,
  said: number,
): number {
  const random = new Random('wrong words');
  const wordOf = new Map(observations.map(({ clip, word }) => [clip, word]));
  const rights = Array.from({ length: WRONG_WORDS }, () => {
    const dealt = new Map<number, number>();
    for (let fold = 0; fold < FOLDS; fold++) {
      const clips = [...folds].filter(([, own]) => own === fold).map(([clip]) => clip);
      const wrong = shuffled(
        clips.map((clip) => wordOf.get(clip)!),
        random,
      );
      clips.forEach((clip, k) => dealt.set(clip, wrong[k]));
    }
    const wrong = observations.map((one) => ({ ...one, word: dealt.get(one.clip)! }));
    return bestGuess(wrong, folds, words, said).right;
  });
  const mean = average(rights);
  return Math.floor(mean + FAR * Math.sqrt(average(rights.map((right) => (right - mean) ** 2))));
}

function bestGuess(
  observations: readonly Observation[],
  folds: ReadonlyMap<number, number>,
  words: number,
  said: number,
): Pick<WordTest, 'right' | 'by'> {
  let best = { right: -1, by: [] as string[] };
  for (const delay of DELAYS) {
    const shifted = Array.from({ length: said }, (_, i) => ({
      ...observations[i],
      seen: observations[i + delay].seen,
    }));
    const tried = rightAnswers(shifted, folds, words);
    if (tried.right > best.right) best = tried;
  }
  return best;
}

function rightAnswers(
  all: readonly Observation[],
  folds: ReadonlyMap<number, number>,
  words: number,
): { right: number; by: string[] } {
  const names = [...new Set(all.flatMap(({ seen }) => [...seen.keys()]))];
  const rows = all.map(({ seen }) => names.map((name) => seen.get(name) ?? 0));
  const by = new Set<string>();
  let right = 0;
  for (let fold = 0; fold < FOLDS; fold++) {
    const isTest = (i: number) => folds.get(all[i].clip) === fold;
    const { guess, features } = train(rows, all, words, isTest);
    for (let i = 0; i < all.length; i++) if (isTest(i) && guess(rows[i]) === all[i].word) right++;
    for (const f of features) by.add(names[f]);
  }
  return { right, by: [...by] };
}

function train(
  rows: readonly number[][],
  all: readonly Observation[],
  words: number,
  isTest: (i: number) => boolean,
): { guess: (row: readonly number[]) => number; features: number[] } {
  const kept = all.map((_, i) => i).filter((i) => !isTest(i));
  const features = (rows[0] ?? []).map((_, f) => {
    const values = kept.map((i) => rows[i][f]);
    const mean = average(values);
    const spread = Math.sqrt(average(values.map((v) => (v - mean) ** 2))) || 1;
    const centres = Array.from({ length: words }, (_, word) => {
      const own = kept.filter((i) => all[i].word === word).map((i) => (rows[i][f] - mean) / spread);
      return own.length > 0 ? average(own) : 0;
    });
    return { f, mean, spread, centres, between: average(centres.map((c) => c * c)) };
  });
  const best = features.sort((a, b) => b.between - a.between).slice(0, BEST_FEATURES);
  const guess = (row: readonly number[]): number => {
    let [answer, nearest] = [0, Infinity];
    for (let word = 0; word < words; word++) {
      const distance = best.reduce(
        (sum, { f, mean, spread, centres }) => sum + ((row[f] - mean) / spread - centres[word]) ** 2,
        0,
      );
      if (distance < nearest) [answer, nearest] = [word, distance];
    }
    return answer;
  };
  return { guess, features: best.map(({ f }) => f) };
}

function average(values: readonly number[]): number {
  return values.reduce((sum, v) => sum + v, 0) / Math.max(1, values.length);
}

/** The least k with P(X > k) <= tail, X of n tries at probability p. */
export function binomialQuantile(n: number, p: number, tail: number): number {
  let probability = Math.pow(1 - p, n);
  let sum = probability;
  let k = 0;
  while (1 - sum > tail && k < n) {
    probability *= ((n - k) / (k + 1)) * (p / (1 - p));
    sum += probability;
    k++;
  }
  return k;
}
