import { momentsOf } from '../../audio/index.js';
import { LISTEN_RATE_HZ, type Scores } from '../../listen/index.js';
import { ThirdOctaves, THIRD_OCTAVES_HZ } from './third-octaves.js';

/** The noise floor is what nine seconds of ten are louder than, over so many. */
const FLOOR_SECONDS = 300;
const FLOOR_SHARE = 0.1;
/** Score strips reach so far back. */
const STRIP_SECONDS = 180;
const BAND_SECONDS = 60;
/** Third octaves cost a transform a quarter of a second: only for a pole that somebody looks at. */
const WATCHED_MILLIS = 10_000;

export interface PoleLevels {
  /** Of the last whole second: dB SPL where the pole is calibrated, else dB re a full-scale sine. */
  levelDb?: number;
  /** Highest sample of that second, same unit. */
  peakDb?: number;
  noiseFloorDb?: number;
}

/** What a technician sees of one pole: for nobody else, and nothing finer than a second. */
export interface PoleStrips {
  /** Highest score by class and second, newest last; `at` is when the second ended. */
  scores: { classes: string[]; seconds: Array<{ at: string; scores: number[] }> };
  thirdOctaves: { bandsHz: number[]; seconds: Array<{ at: string; levelsDb: number[] }> };
}

const moments = { sum: 0, squares: 0, peak: 0 };

/** Levels and scores of one pole by the second. Keeps numbers of whole seconds, never sound. */
export class PoleMeter {
  readonly #fullScaleDb: number;
  readonly #levels: number[] = [];
  readonly #scores: Array<{ second: number; at: string; scores: number[] }> = [];
  readonly #bands: PoleStrips['thirdOctaves']['seconds'] = [];
  /** While somebody looks: its window and transform are 80 kB a pole. */
  #octaves: ThirdOctaves | undefined;
  #classes: string[] = [];
  #samples = 0;
  #sum = 0;
  #squares = 0;
  #peak = 0;
  #now: PoleLevels = {};
  #watchedUntilMillis = 0;

  constructor(fullScaleDbSpl = 0) {
    this.#fullScaleDb = fullScaleDbSpl;
  }

  /** `samples` are only read during the call. */
  block(samples: Float32Array): void {
    const watched = this.#watchedUntilMillis > 0 && Date.now() < this.#watchedUntilMillis;
    for (let from = 0; from < samples.length;) {
      const to = Math.min(samples.length, from + LISTEN_RATE_HZ - this.#samples);
      const { sum, squares, peak } = momentsOf(samples, from, to, moments);
      this.#sum += sum;
      this.#squares += squares;
      this.#peak = Math.max(this.#peak, peak);
      if (watched) (this.#octaves ??= new ThirdOctaves()).push(samples.subarray(from, to));
      this.#samples += to - from;
      from = to;
      if (this.#samples === LISTEN_RATE_HZ) this.#second(watched);
    }
  }

  scores(classes: readonly string[], scores: Scores, endMillis: number): void {
    if (this.#classes.length === 0) this.#classes = [...classes];
    const second = Math.ceil(endMillis / 1000);
    const last = this.#scores.at(-1);
    if (last && second < last.second) return;
    const values = this.#classes.map((name) => scores[name] ?? 0);
    if (last?.second === second) last.scores = last.scores.map((score, i) => Math.max(score, values[i]));
    else this.#scores.push({ second, at: new Date(second * 1000).toISOString(), scores: values });
    while (this.#scores.length > 0 && this.#scores[0].second <= second - STRIP_SECONDS) this.#scores.shift();
  }

  levels(): PoleLevels {
    if (this.#levels.length < 10) return this.#now;
    const sorted = [...this.#levels].sort((a, b) => a - b);
    return { ...this.#now, noiseFloorDb: sorted[Math.floor(sorted.length * FLOOR_SHARE)] };
  }

  /** From now on, and while it is asked for, third octaves are measured too. */
  strips(): PoleStrips {
    this.#watchedUntilMillis = Date.now() + WATCHED_MILLIS;
    return {
      scores: { classes: this.#classes, seconds: this.#scores.map(({ at, scores }) => ({ at, scores })) },
      thirdOctaves: { bandsHz: THIRD_OCTAVES_HZ, seconds: [...this.#bands] },
    };
  }

  /** The feed went quiet: what is shown must not outlive it. */
  quiet(): void {
    this.#now = {};
    this.#octaves?.wipe();
    this.#samples = this.#sum = this.#squares = this.#peak = 0;
  }

  #second(watched: boolean): void {
    const mean = this.#sum / LISTEN_RATE_HZ;
    const variance = Math.max(0, this.#squares / LISTEN_RATE_HZ - mean * mean);
    const levelDb = this.#decibels(2 * variance);
    this.#now = { levelDb, peakDb: this.#decibels(this.#peak * this.#peak) };
    this.#levels.push(levelDb);
    if (this.#levels.length > FLOOR_SECONDS) this.#levels.shift();
    this.#samples = this.#sum = this.#squares = this.#peak = 0;
    const bands = watched ? this.#octaves?.take() : undefined;
    if (!watched) {
      this.#octaves?.wipe();
      this.#octaves = undefined;
    }
    if (!bands) return;
    const levelsDb = bands.map((db) => Math.round((db + this.#fullScaleDb) * 10) / 10);
    this.#bands.push({ at: new Date().toISOString(), levelsDb });
    if (this.#bands.length > BAND_SECONDS) this.#bands.shift();
  }

  #decibels(power: number): number {
    return Math.round((10 * Math.log10(power + 1e-12) + this.#fullScaleDb) * 10) / 10;
  }
}
