import { LISTEN_RATE_HZ } from '../../listen/index.js';
import type { Finding } from './finding.js';

/** Powers at single frequencies are taken over a second: then bins lie 1 Hz apart. */
const SECOND = LISTEN_RATE_HZ;
const MAINS_HZ = [50, 60];
const HARMONICS = 6;
const HUM_DB = 15;
const CLIP_AT = 0.999;
const CLIPPED_SHARE = 1e-4;
const DEAD_DBFS = -95;
const DC_SHARE = 0.02;
const WIND_DB = 18;
/** A microphone in a street hears neither less nor more than this for long. */
const QUIETEST_DB_SPL = 25;
const LOUDEST_DB_SPL = 105;
const QUIETEST_DBFS = -85;
const LOUDEST_DBFS = -8;

interface SecondMeasure {
  levelDbfs: number;
  mean: number;
  clipped: number;
  /** dB over the bins beside them, the least of the mains' first harmonics; by mains frequency. */
  humDb: number[];
  /** Below 60 Hz over 200 to 1000 Hz, dB. */
  rumbleDb: number;
}

/** What is wrong with a microphone by its sound. Keeps numbers of whole seconds; the sound of one at a time is wiped. */
export class SoundCheck {
  readonly #fullScaleDbSpl: number | undefined;
  readonly #second = new Float32Array(SECOND);
  readonly #seconds: SecondMeasure[] = [];
  #filled = 0;

  constructor(fullScaleDbSpl?: number) {
    this.#fullScaleDbSpl = fullScaleDbSpl;
  }

  push(samples: Float32Array): void {
    for (let from = 0; from < samples.length;) {
      const part = samples.subarray(from, from + SECOND - this.#filled);
      this.#second.set(part, this.#filled);
      this.#filled += part.length;
      from += part.length;
      if (this.#filled < SECOND) continue;
      this.#seconds.push(measure(this.#second));
      this.#second.fill(0);
      this.#filled = 0;
    }
  }

  get wholeSeconds(): number {
    return this.#seconds.length;
  }

  /** Median level: dB SPL where the pole is calibrated, else dBFS; undefined before the first whole second. */
  get levelDb(): number | undefined {
    if (this.#seconds.length === 0) return undefined;
    return median(this.#seconds.map(({ levelDbfs }) => levelDbfs)) + (this.#fullScaleDbSpl ?? 0);
  }

  findings(): Finding[] {
    if (this.#seconds.length === 0) return [];
    const of = (pick: (second: SecondMeasure) => number) => median(this.#seconds.map(pick));
    const found: Finding[] = [];
    const level = of(({ levelDbfs }) => levelDbfs);
    const mean = of((second) => second.mean);
    if (Math.abs(mean) > DC_SHARE)
      found.push({
        kind: 'dc_offset',
        problem: `the sound lies ${(mean * 100).toFixed(1)} % of full scale off its middle`,
        mend: 'Put a high-pass (coupling capacitor) before the converter, or mend its bias',
      });
    // A microphone that is dead has nothing else to be wrong.
    if (level < DEAD_DBFS)
      return [
        ...found,
        {
          kind: 'dead',
          problem: `there is no sound in its frames (${level.toFixed(0)} dBFS)`,
          mend: 'Look for a cable, the phantom power, a muted input',
        },
      ];
    const clipped =
      this.#seconds.reduce((sum, second) => sum + second.clipped, 0) / (this.#seconds.length * SECOND);
    if (clipped > CLIPPED_SHARE)
      found.push({
        kind: 'clipped',
        problem: `${(clipped * 100).toFixed(2)} % of its samples are at full scale`,
        mend: 'Turn the gain down: a shot nearby must not reach full scale',
      });
    MAINS_HZ.forEach((hz, i) => {
      const hum = of(({ humDb }) => humDb[i]);
      if (hum > HUM_DB)
        found.push({
          kind: 'hum',
          problem: `it hums at ${hz} Hz and its multiples, ${hum.toFixed(0)} dB over what lies beside`,
          mend: 'Look for a ground loop, an unshielded cable along the mains, a bad supply',
        });
    });
    const rumble = of(({ rumbleDb }) => rumbleDb);
    if (rumble > WIND_DB)
      found.push({
        kind: 'wind',
        problem: `below 60 Hz it is ${rumble.toFixed(0)} dB louder than between 200 and 1000 Hz, as wind on a bare capsule is`,
        mend: 'Renew the windscreen, or move the microphone out of the draught',
      });
    return [...found, ...this.#level(level)];
  }

  #level(dbfs: number): Finding[] {
    const calibrated = this.#fullScaleDbSpl !== undefined;
    const level = dbfs + (this.#fullScaleDbSpl ?? 0);
    const unit = calibrated ? 'dB SPL' : 'dBFS';
    const mend = calibrated ? 'Check the gain, and fullScaleDbSpl in site.geojson' : 'Check the gain';
    if (level < (calibrated ? QUIETEST_DB_SPL : QUIETEST_DBFS))
      return [
        {
          kind: 'too_quiet',
          problem: `its level, ${level.toFixed(0)} ${unit}, is lower than any street's`,
          mend,
        },
      ];
    if (level > (calibrated ? LOUDEST_DB_SPL : LOUDEST_DBFS))
      return [
        {
          kind: 'too_loud',
          problem: `its level, ${level.toFixed(0)} ${unit}, is higher than any street's`,
          mend,
        },
      ];
    return [];
  }
}

function measure(samples: Float32Array): SecondMeasure {
  let [sum, squares, clipped] = [0, 0, 0];
  for (const x of samples) {
    sum += x;
    squares += x * x;
    if (Math.abs(x) >= CLIP_AT) clipped++;
  }
  const mean = sum / SECOND;
  const variance = Math.max(0, squares / SECOND - mean * mean);
  return {
    levelDbfs: decibels(2 * variance),
    mean,
    clipped,
    humDb: MAINS_HZ.map((hz) => humOf(samples, hz)),
    rumbleDb: bandDb(samples, 10, 60, 5) - bandDb(samples, 200, 1000, 40),
  };
}

/** How far the mains' harmonics stand out, each against the bins 7 and 11 Hz beside it: the median of the first six. */
function humOf(samples: Float32Array, mains: number): number {
  const heights = Array.from({ length: HARMONICS }, (_, i) => {
    const hz = mains * (i + 1);
    const beside = [-11, -7, 7, 11].map((off) => goertzel(samples, hz + off));
    return decibels(goertzel(samples, hz)) - decibels(median(beside));
  });
  // One tone is a fan; a comb of them is the mains.
  return median(heights);
}

/** Mean power density of a band, dB, from single frequencies `step` apart. */
function bandDb(samples: Float32Array, fromHz: number, toHz: number, step: number): number {
  const powers = [];
  for (let hz = fromHz; hz <= toHz; hz += step) powers.push(goertzel(samples, hz));
  return decibels(powers.reduce((sum, power) => sum + power, 0) / powers.length);
}

/** Power at one frequency (Goertzel 1958), full-scale sine = 1. Hann-windowed, or a strong low rumble leaks everywhere. */
function goertzel(samples: Float32Array, hz: number): number {
  const n = samples.length;
  const w = (2 * Math.PI * hz) / LISTEN_RATE_HZ;
  const c = 2 * Math.cos(w);
  let [s1, s2] = [0, 0];
  for (let i = 0; i < n; i++) {
    const s = samples[i] * (0.5 - 0.5 * Math.cos((2 * Math.PI * i) / n)) + c * s1 - s2;
    s2 = s1;
    s1 = s;
  }
  return (s1 * s1 + s2 * s2 - c * s1 * s2) / (n / 4) ** 2;
}

function decibels(power: number): number {
  return 10 * Math.log10(power + 1e-15);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
