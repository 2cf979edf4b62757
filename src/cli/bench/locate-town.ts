import { parseTime, secondsToNanos } from '../../audio/index.js';
import type { Site } from '../../config/index.js';
import type { Detection } from '../../listen/index.js';
import { LocalPlane, PROPAGATION_SPREAD_SECONDS, travelSeconds, type Air } from '../../locate/index.js';
import type { Random } from '../../simulate/index.js';

/** What the locator is told of clocks and surveyed positions, and so what is drawn here; paths bend as it supposes. */
const CLOCK_SECONDS = 0.001;
export const POSITION_SIGMA_METERS = 1;
/** Of strangers' impulses one in 25 passes the score of 0.6 that is `on`: the model's own rate, from its card. */
const STRANGER_EXPONENT = 12.5;
/**
 * Façades as 1,490 arrivals of Technical Note 098 have them: a quarter of the arrivals are followed by another pulse
 * within 0.3 s, as loud give or take 4 dB, and rising less over what is already there. Here twice as many.
 */
const ECHO_CHANCE = 0.5;
const ECHO_SECONDS = [0.015, 0.25] as const;
/** Poles whose straight path is built over: what they hear came round a corner. */
const ONLY_ECHO = 0.02;
const ONLY_ECHO_SECONDS = [0.03, 0.1] as const;
/** All seconds here are after this. */
export const ZERO = parseTime('2026-05-01T22:00:00Z');
export const PLANE = new LocalPlane([5.37, 43.295]);

/** An impulse as a pole reports it. */
export interface Pulse {
  pole: number;
  seconds: number;
  levelDb: number;
  strengthDb: number;
  score: number;
}

/** What a pole (east and north of the source, metres) hears of a shot: the direct sound, and façades if there are any. */
export function shotPulses(
  pole: number,
  [east, north]: readonly [number, number],
  shotSeconds: number,
  air: Air,
  echoes: boolean,
  random: Random,
): Pulse[] {
  const dx = east + POSITION_SIGMA_METERS * random.normal();
  const dy = north + POSITION_SIGMA_METERS * random.normal();
  const meters = Math.hypot(dx, dy);
  const direct =
    shotSeconds +
    travelSeconds(dx, dy, air.soundSpeed, air.windEast, air.windNorth) +
    PROPAGATION_SPREAD_SECONDS * random.normal() +
    CLOCK_SECONDS * random.normal();
  const blocked = echoes && random.chance(ONLY_ECHO);
  const first = direct + (blocked ? random.uniform(...ONLY_ECHO_SECONDS) : 0);
  const pulses = [pulse(pole, first, meters)];
  for (let at = first; echoes && random.chance(ECHO_CHANCE);) {
    at += random.uniform(...ECHO_SECONDS);
    pulses.push(pulse(pole, at, meters, 0.5 + 4 * random.normal(), 10 + 4 * random.normal()));
  }
  return pulses;
}

/** A door, a lorry's plate. */
export function strangerPulse(pole: number, seconds: number, random: Random): Pulse {
  return {
    pole,
    seconds,
    levelDb: random.uniform(60, 85),
    strengthDb: random.uniform(7, 20),
    score: random.next() ** STRANGER_EXPONENT,
  };
}

function pulse(pole: number, seconds: number, meters: number, weakerDb = 0, flatterDb = 0): Pulse {
  return {
    pole,
    seconds,
    levelDb: 125 - 20 * Math.log10(Math.max(meters, 5) / 5) - weakerDb,
    strengthDb: Math.max(6, 35 - meters / 30 - flatterDb),
    score: meters < 350 ? 0.93 : 0.4,
  };
}

export function asDetection({ pole, seconds, levelDb, strengthDb, score }: Pulse): Detection {
  const timeNanos = ZERO + secondsToNanos(seconds);
  const scores = { gunshot: score };
  return {
    detectionId: `p${pole}.${timeNanos}`,
    pole: `p${pole}`,
    class: 'gunshot',
    state: score >= 0.5 ? 'open' : 'weak',
    onsetNanos: timeNanos,
    arrivals: [
      {
        timeNanos,
        onsetUncertaintySeconds: 0.001,
        clockUncertaintySeconds: CLOCK_SECONDS,
        levelDb,
        strengthDb,
        scores,
      },
    ],
    score,
    scores,
    levelDb,
    snrDb: strengthDb,
  };
}

export function siteOf(places: ReadonlyArray<readonly [number, number]>): Site {
  return {
    site: 'town',
    poles: places.map((place, i) => ({
      pole: `p${i}`,
      position: PLANE.fromPlane(place),
      altitudeMeters: 0,
      recorded: true,
      positionUncertaintyMeters: POSITION_SIGMA_METERS,
      fullScaleDbSpl: 120,
    })),
  };
}
