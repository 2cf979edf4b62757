import {
  background,
  carry,
  digitise,
  resampleTo,
  SOURCE_RATE_HZ,
  straightSeconds,
  synthesise,
  type Random,
  type SourceKind,
} from '../../simulate/index.js';
import { CITY_FULL_SCALE_DB_SPL } from './city.js';
import { CITY_WEATHER, CROWD_SECONDS, type InjectedClass } from './plan.js';

export const BENCH_RATE_HZ = 16_000;
/** Of a clip, before the front arrives. */
const LEAD_SECONDS = 0.1;
const LOOP_SECONDS = 20;
const SEAM_SECONDS = 1;
const NEAREST_METERS = 40;
const FARTHEST_METERS = 900;
/** Distances lie a tenth apart: the level differs by less than half a decibel from the true one. */
const DISTANCE_RATIO = 1.1;
const VARIANTS = 4;
const BACKGROUND_DB_SPL = 48;
const CLIP_SECONDS: Record<InjectedClass, number> = {
  gunshot: 1.6,
  explosion: 4,
  crowd_clamour: CROWD_SECONDS + 1,
};

/** A sound as a pole's converter writes it down, without the background. Shared: nobody may change it. */
export interface Clip {
  pcm: Int16Array;
  /** Sample at which the front arrives. */
  frontSample: number;
}

/** What poles hear of sounds at a distance, through simulate's town; made when first asked for, and kept. */
export class SoundTable {
  readonly #random: Random;
  readonly #sources = new Map<string, ReturnType<typeof synthesise>>();
  readonly #clips = new Map<string, Clip>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** `variant` chooses the gun, the crowd and the streets; the distance is held to 40 to 900 m. */
  clip(kind: InjectedClass, meters: number, variant: number): Clip {
    const held = Math.min(FARTHEST_METERS, Math.max(NEAREST_METERS, meters));
    const step = Math.round(Math.log(held / NEAREST_METERS) / Math.log(DISTANCE_RATIO));
    const key = `${kind}/${variant % VARIANTS}/${step}`;
    let clip = this.#clips.get(key);
    if (!clip) {
      clip = this.#render(kind, NEAREST_METERS * DISTANCE_RATIO ** step, variant % VARIANTS, key);
      this.#clips.set(key, clip);
    }
    return clip;
  }

  #render(kind: InjectedClass, meters: number, variant: number, key: string): Clip {
    const source = this.#source(kind, variant);
    const where = { eastMeters: meters, northMeters: 0, weather: CITY_WEATHER };
    const pressure = new Float32Array(Math.round(CLIP_SECONDS[kind] * SOURCE_RATE_HZ));
    const front = source.onsetsSeconds[0] ?? 0;
    const passage = {
      ...where,
      emissionSeconds: LEAD_SECONDS - straightSeconds(where) - front,
      around: { wide: kind === 'crowd_clamour' },
    };
    carry(source.samples, passage, pressure, this.#random.fork(key));
    const heard = resampleTo(pressure, SOURCE_RATE_HZ, BENCH_RATE_HZ);
    return {
      pcm: digitise(heard, CITY_FULL_SCALE_DB_SPL),
      frontSample: Math.round(LEAD_SECONDS * BENCH_RATE_HZ),
    };
  }

  #source(kind: InjectedClass, variant: number): ReturnType<typeof synthesise> {
    const key = `${kind}/${variant}`;
    let source = this.#sources.get(key);
    if (!source) {
      const options = kind === 'crowd_clamour' ? { seconds: CROWD_SECONDS } : {};
      source = synthesise(kind satisfies SourceKind, this.#random.fork(key), options);
      this.#sources.set(key, source);
    }
    return source;
  }
}

/** The town's noise at one pole as a loop without a seam, 20 s. */
export function backgroundLoop(random: Random): Int16Array {
  const length = LOOP_SECONDS * BENCH_RATE_HZ;
  const seam = SEAM_SECONDS * BENCH_RATE_HZ;
  const noise = background(length + seam, BENCH_RATE_HZ, { levelDbSpl: BACKGROUND_DB_SPL }, random);
  for (let i = 0; i < seam; i++) {
    // Powers add: what fades in and what fades out are two noises.
    const share = i / seam;
    noise[i] = noise[i] * Math.sqrt(share) + noise[length + i] * Math.sqrt(1 - share);
  }
  return digitise(noise.subarray(0, length), CITY_FULL_SCALE_DB_SPL);
}
