/** What an eavesdropper saw while one word was said: every number he could read, by name. */
export interface Observation {
  word: number;
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
/** Wrong orders that are tried, to see what guessing is worth. */
const WRONG_ORDERS = 40;

/**
 * Whether anybody could tell words from what was published: a nearest-centroid classifier over the numbers that differ
 * most between words, trained on three quarters and tried on the rest, four times round, for each delay; the best counts.
 */
export function wordTest(observations: readonly Observation[]): WordTest {
  const words = new Set(observations.map(({ word }) => word)).size;
  const said = observations.length - Math.max(...DELAYS);
  const best = bestGuess(observations, words, said);
  const most = Math.max(
    binomialQuantile(said, 1 / words, MISTAKE / DELAYS.length),
    mostInWrongOrder(observations, words, said),
  );
  return { words, said, ...best, most, passed: best.right <= most };
}

/**
 * The order of words comes again each round, so what tells the place in the round and no word (how loud it was, the beat
 * of the patches) guesses alike in all of them, right or wrong, and the binomial law is too narrow. The same order begun
 * at another word shows what such guesses are worth.
 */
function mostInWrongOrder(observations: readonly Observation[], words: number, said: number): number {
  const order = observations.map(({ word }) => word);
  const round = roundOf(order);
  // Not so near its end that a delay of the eavesdropper's would set it right.
  const span = round - DELAYS.length + 1;
  const tries = Math.max(0, Math.min(WRONG_ORDERS, span - 1));
  const rights = Array.from({ length: tries }, (_, k) => {
    const from = Math.floor(((k + 1) * span) / (tries + 1));
    const wrong = observations.map(({ seen }, i) => ({ word: order[((i % round) + from) % round], seen }));
    return bestGuess(wrong, words, said).right;
  });
  const mean = average(rights);
  return Math.floor(mean + FAR * Math.sqrt(average(rights.map((right) => (right - mean) ** 2))));
}

/** After how many words the order begins again. */
function roundOf(order: readonly number[]): number {
  for (let round = 1; round < order.length; round++)
    if (order.every((word, i) => i < round || word === order[i - round])) return round;
  return order.length;
}

function bestGuess(
  observations: readonly Observation[],
  words: number,
  said: number,
): Pick<WordTest, 'right' | 'by'> {
  let best = { right: -1, by: [] as string[] };
  for (const delay of DELAYS) {
    const shifted = Array.from({ length: said }, (_, i) => ({
      word: observations[i].word,
      seen: observations[i + delay].seen,
    }));
    const tried = rightAnswers(shifted, words);
    if (tried.right > best.right) best = tried;
  }
  return best;
}

function rightAnswers(all: readonly Observation[], words: number): { right: number; by: string[] } {
  const names = [...new Set(all.flatMap(({ seen }) => [...seen.keys()]))];
  const rows = all.map(({ seen }) => names.map((name) => seen.get(name) ?? 0));
  const by = new Set<string>();
  let right = 0;
  for (let fold = 0; fold < FOLDS; fold++) {
    const isTest = (i: number) => i % FOLDS === fold;
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
