import { relative } from 'node:path';
import { INT16_FULL_SCALE } from '../../audio/index.js';
import { ClameurError } from '../../config/index.js';
import { digitise, resampleTo, SOURCE_RATE_HZ, synthesise, type Random } from '../../simulate/index.js';
import { readMono, recordingsBelow, SOUND_EXTENSIONS } from '../mono.js';
import { CITY_FULL_SCALE_DB_SPL } from './city.js';
import { BENCH_RATE_HZ } from './sounds.js';

/** A stretch of sound to be played once: mono, 16 kHz, full scale ±1. Shared: nobody may change it. */
export interface Piece {
  label: string;
  samples: Float32Array;
  gain: number;
  fromSample: number;
  pauseSeconds: number;
  /** At both ends. */
  fadeSeconds: number;
}

/** Sound without end: what comes next. */
export interface SoundSource {
  next(): Promise<Piece>;
}

const PIECE_SECONDS = 12;
const PIECES_A_KIND = 5;
/** A piece is made anew after so many uses: no hour is played twice. */
const USES = 60;
const RENDERED_DB_SPL = 80;
/** At the pole, dB SPL. */
type SoakKind = 'rain' | 'traffic' | 'speech';
const LEVELS: Record<SoakKind, [number, number]> = { rain: [52, 74], traffic: [58, 82], speech: [50, 76] };

/** Rain, traffic or speech of simulate's sources, at random levels and from random places of pieces renewed over time. */
export class SyntheticSource implements SoundSource {
  readonly #pool = new Map<string, { samples: Float32Array; uses: number }>();
  #made = 0;

  constructor(
    private readonly kinds: readonly SoakKind[],
    private readonly random: Random,
  ) {}

  next(): Promise<Piece> {
    const kind = this.random.pick(this.kinds);
    const key = `${kind}${this.random.int(1, PIECES_A_KIND)}`;
    let piece = this.#pool.get(key);
    if (!piece || piece.uses >= USES) {
      piece = { samples: this.#render(kind), uses: 0 };
      this.#pool.set(key, piece);
    }
    piece.uses++;
    return Promise.resolve({
      label: kind,
      samples: piece.samples,
      gain: 10 ** ((this.random.uniform(...LEVELS[kind]) - RENDERED_DB_SPL) / 20),
      fromSample: this.random.int(0, piece.samples.length >> 1),
      pauseSeconds: kind === 'speech' ? this.random.uniform(0, 4) : 0,
      // A street that sets in at once would be a bang.
      fadeSeconds: kind === 'speech' ? 0.05 : 1.5,
    });
  }

  #render(kind: SoakKind): Float32Array {
    const own = this.random.fork(`${kind} ${this.#made++}`);
    const sound = synthesise(kind, own, { seconds: PIECE_SECONDS, meanDbSpl: RENDERED_DB_SPL });
    const heard = resampleTo(sound.samples, SOURCE_RATE_HZ, BENCH_RATE_HZ);
    return Float32Array.from(digitise(heard, CITY_FULL_SCALE_DB_SPL), (value) => value / INT16_FULL_SCALE);
  }
}

const LONGEST_SECONDS = 60;
/** Largest sample of a recording as played, dB re full scale. */
const PEAK_DB = [-45, -6] as const;

/** The recordings of a folder, each played once before any comes again, at random levels. What cannot be read is told once. */
export class RecordingSource implements SoundSource {
  readonly unreadable: string[] = [];
  #deck: string[] = [];

  private constructor(
    private readonly folder: string,
    private files: string[],
    private readonly random: Random,
  ) {}

  /** Throws BENCH_FAILED where the folder has none. */
  static async open(folder: string, random: Random): Promise<RecordingSource> {
    const files = await recordingsBelow(folder);
    if (files.length === 0)
      throw new ClameurError('BENCH_FAILED', {
        problem: `no recordings (${SOUND_EXTENSIONS.join(', ')}) in ${folder}`,
      });
    return new RecordingSource(folder, files, random);
  }

  async next(): Promise<Piece> {
    for (;;) {
      if (this.#deck.length === 0) this.#deck = shuffled(this.files, this.random);
      const file = this.#deck.pop();
      if (file === undefined)
        throw new ClameurError('BENCH_FAILED', {
          problem: `none of the recordings in ${this.folder} can be read`,
        });
      try {
        return this.#piece(file, await readMono(file, LONGEST_SECONDS));
      } catch {
        this.unreadable.push(file);
        this.files = this.files.filter((one) => one !== file);
      }
    }
  }

  #piece(file: string, samples: Float32Array): Piece {
    let peak = 0;
    for (const value of samples) peak = Math.max(peak, Math.abs(value));
    return {
      label: relative(this.folder, file),
      samples,
      gain: peak > 0 ? 10 ** (this.random.uniform(...PEAK_DB) / 20) / peak : 0,
      fromSample: 0,
      pauseSeconds: this.random.uniform(0, 1),
      fadeSeconds: 0.05,
    };
  }
}

function shuffled<T>(list: readonly T[], random: Random): T[] {
  const out = [...list];
  for (let i = out.length - 1; i > 0; i--) {
    const j = random.int(0, i);
    [out[i], out[j]] = [out[j], out[i]];
  }
  return out;
}
