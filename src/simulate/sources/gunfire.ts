import type { Random } from '../random.js';
import { addMuzzleBlast, addNWave, type MuzzleBlast } from './blast.js';
import { silence, SOURCE_RATE_HZ, type SourceSound } from './source.js';
import { pascalOf } from '../level.js';

export type Gun = 'pistol' | 'rifle' | 'shotgun';

/** Peak level at 1 m and positive phase; peaks from 155 to 165 dB as measured near guns (NIOSH). */
const GUNS: Record<Gun, { peakDbSpl: readonly [number, number]; tauSeconds: readonly [number, number] }> = {
  pistol: { peakDbSpl: [154, 160], tauSeconds: [0.35e-3, 0.7e-3] },
  rifle: { peakDbSpl: [159, 165], tauSeconds: [0.5e-3, 1.0e-3] },
  shotgun: { peakDbSpl: [156, 162], tauSeconds: [0.7e-3, 1.2e-3] },
};

/** Quiet before the first front, so that a crack may lead it. */
const LEAD_SECONDS = 0.05;
/** What comes after the last front: the jet's noise. */
const TAIL_SECONDS = 0.1;

export interface GunfireOptions {
  gun?: Gun;
  /** Default 1. */
  shots?: number;
  /** Default: aimed fire, 0.25 to 0.9 s between shots; true: 8 to 14 rounds a second. */
  automatic?: boolean;
  peakDbSpl?: number;
  /** The bullet's shock this long before the muzzle blast (a listener down range of a rifle). Default: none. */
  crackLeadSeconds?: number;
}

/** Shots of one gun: the same gas and barrel each time, a little different at each shot. */
export function gunfire(random: Random, options: GunfireOptions = {}): SourceSound {
  const gun = options.gun ?? random.pick(['pistol', 'pistol', 'rifle', 'shotgun'] as const);
  const shots = options.shots ?? 1;
  const onsetsSeconds = shotTimes(random.fork('times'), shots, options.automatic ?? false);
  const samples = silence(onsetsSeconds[shots - 1] + TAIL_SECONDS);
  const { peakDbSpl, tauSeconds } = GUNS[gun];
  const blast: MuzzleBlast = {
    peakDbSpl: options.peakDbSpl ?? random.uniform(...peakDbSpl),
    tauSeconds: random.uniform(...tauSeconds),
    gasDb: random.uniform(-22, -14),
    gasSeconds: random.uniform(1.5e-3, 5e-3),
  };
  for (const onset of onsetsSeconds) {
    addMuzzleBlast(
      samples,
      onset,
      {
        ...blast,
        peakDbSpl: blast.peakDbSpl + random.uniform(-0.7, 0.7),
        tauSeconds: blast.tauSeconds * random.uniform(0.95, 1.05),
      },
      random,
    );
    if (options.crackLeadSeconds !== undefined && options.crackLeadSeconds <= LEAD_SECONDS) {
      const front = (onset - options.crackLeadSeconds) * SOURCE_RATE_HZ;
      addNWave(samples, front, pascalOf(blast.peakDbSpl - 12), 200e-6);
    }
  }
  return { samples, onsetsSeconds };
}

function shotTimes(random: Random, shots: number, automatic: boolean): number[] {
  const times = [LEAD_SECONDS];
  const rate = random.uniform(8, 14);
  const pace = random.uniform(0.28, 0.7);
  while (times.length < shots) {
    const gap = automatic ? (1 / rate) * random.uniform(0.97, 1.03) : pace * random.uniform(0.8, 1.3);
    times.push(times[times.length - 1] + gap);
  }
  return times;
}
