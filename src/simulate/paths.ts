import type { Random } from './random.js';

/** One way the sound takes from a source to a microphone. */
export interface SoundPath {
  /** Later than the straight line through the air, seconds. */
  excessSeconds: number;
  /** What the air absorbs along, metres. */
  lengthMeters: number;
  /** Pressure relative to 1 m from the source. */
  gain: number;
  /** −3 dB point of what walls and edges leave; absent: all. */
  lowpassHz?: number;
}

/** The diffuse rest: noise that dies away. */
export interface DiffuseTail {
  /** Energy relative to that of the strongest path. */
  energyDb: number;
  /** Time to fall 60 dB. */
  reverberationSeconds: number;
  lowpassHz: number;
}

export interface Surroundings {
  /** Default true. */
  echoes?: boolean;
  /** Share of the poles that see the source over a roof only. Default 0.45, of wide ones 0.2; 0 without echoes. */
  hiddenShare?: number;
  /**
   * A source as wide as a square (a crowd): every voice has echoes of its own, so together they have none apart, only
   * a weak diffuse tail (it stands in an open square); one set of echoes for all would colour it like a tube. Default false.
   */
  wide?: boolean;
}

const SOURCE_HEIGHT_METERS = 1.5;
const MICROPHONE_HEIGHT_METERS = 6;
/** Inside this distance spreading is not spherical any more. */
const NEAREST_METERS = 1;

/**
 * The ways through a town: straight (or bent over a roof: weaker, duller and a few milliseconds late), by the
 * ground (image source), and by 3 to 15 façades, 20 to 800 ms later and 5 to 26 dB weaker (the later the weaker; live
 * fire in streets gave 0.4 echoes a shot and sensor within a second that a picker took, half of them within 13 dB).
 * `meters` is the horizontal distance.
 */
export function soundPaths(meters: number, random: Random, around: Surroundings = {}): SoundPath[] {
  const echoes = around.echoes ?? true;
  const straight = Math.max(
    NEAREST_METERS,
    Math.hypot(meters, MICROPHONE_HEIGHT_METERS - SOURCE_HEIGHT_METERS),
  );
  const byGround = Math.hypot(meters, MICROPHONE_HEIGHT_METERS + SOURCE_HEIGHT_METERS);
  const hidden = random.next() < (echoes ? (around.hiddenShare ?? (around.wide ? 0.2 : 0.45)) : 0);
  const lossDb = hidden ? random.uniform(5, 14) : 0;
  const gain = Math.pow(10, -lossDb / 20) / straight;
  const late = hidden ? random.uniform(0.0005, 0.008) : 0;
  const bent = hidden ? { lowpassHz: random.uniform(500, 1800) } : {};
  const paths: SoundPath[] = [{ excessSeconds: late, lengthMeters: straight, gain, ...bent }];
  if (around.wide) return paths;
  if (meters > 2 * NEAREST_METERS) {
    paths.push({
      excessSeconds: late + (byGround - straight) / 343,
      lengthMeters: byGround,
      gain: (gain * straight * random.uniform(0.5, 0.85)) / byGround,
      ...bent,
    });
  }
  if (!echoes) return paths;
  for (let e = random.int(3, 15); e > 0; e--) {
    const excessSeconds = random.logUniform(0.02, 0.8);
    const lengthMeters = straight + excessSeconds * 343;
    const wallDb = random.uniform(5, 18) + 8 * (Math.log(excessSeconds / 0.02) / Math.log(40));
    paths.push({
      excessSeconds,
      lengthMeters,
      gain: (Math.pow(10, -wallDb / 20) / straight) * (hidden ? 0.7 : 1),
      lowpassHz: random.uniform(1500, 6000),
    });
  }
  return paths;
}

/** A reverberation of 0.5 to 2 s; stronger, against what comes straight, the farther the source. */
export function diffuseTail(meters: number, random: Random, around: Surroundings = {}): DiffuseTail {
  return {
    energyDb:
      (around.wide ? -8 : 0) + random.uniform(-12, -5) + Math.min(8, 4 * Math.log10(1 + meters / 100)),
    reverberationSeconds: random.uniform(0.5, 2),
    lowpassHz: random.uniform(1000, 3000),
  };
}
