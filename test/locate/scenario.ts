import { parseTime, secondsToNanos, type Nanos } from '../../src/audio/index.js';
import type { Site } from '../../src/config/index.js';
import type { Detection } from '../../src/listen/index.js';
import { LocalPlane, travelSeconds, type Incident, type IncidentStep } from '../../src/locate/index.js';

export const ZERO = parseTime('2026-05-01T22:00:00Z');
export const PLANE = new LocalPlane([5.37, 43.295]);

export interface Place {
  east: number;
  north: number;
}

/** Seeded numbers: mulberry32. */
export function random(seed: number): () => number {
  let s = seed >>> 0;
  return () => {
    s = (s + 0x6d2b79f5) | 0;
    let t = Math.imul(s ^ (s >>> 15), 1 | s);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function gauss(next: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

/** Poles named p0, p1 … at the places (metres). */
export function siteOf(places: readonly Place[], name = 'test'): Site {
  return {
    site: name,
    poles: places.map(({ east, north }, i) => ({
      pole: `p${i}`,
      position: PLANE.fromPlane([east, north]),
      altitudeMeters: 0,
      recorded: true,
      positionUncertaintyMeters: 1,
      fullScaleDbSpl: 120,
    })),
  };
}

export interface Heard {
  pole: number;
  seconds: number;
  score?: number;
  className?: 'gunshot' | 'explosion';
  levelDb?: number;
  strengthDb?: number;
  clock?: number | 'unknown';
}

export function detection(heard: Heard): Detection {
  const {
    pole,
    seconds,
    score = 0.95,
    className = 'gunshot',
    levelDb = 90,
    strengthDb = 25,
    clock = 1e-4,
  } = heard;
  const timeNanos = ZERO + secondsToNanos(seconds);
  const scores = { [className]: score };
  return {
    detectionId: `p${pole}.${className}.${timeNanos / 10_000_000n}`,
    pole: `p${pole}`,
    class: className,
    state: score >= 0.5 ? 'open' : 'weak',
    onsetNanos: timeNanos,
    arrivals: [
      {
        timeNanos,
        onsetUncertaintySeconds: 0.001,
        ...(clock !== 'unknown' && { clockUncertaintySeconds: clock }),
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

/** One blast as each pole hears it, without echoes. `noise`: 1σ seconds. */
export function blast(
  poles: readonly Place[],
  source: Place,
  at: number,
  options: { next?: () => number; noise?: number; score?: (meters: number) => number } = {},
): Heard[] {
  const { next, noise = 0, score = (meters) => (meters < 250 ? 0.95 : 0.2) } = options;
  return poles.map(({ east, north }, pole) => {
    const meters = Math.hypot(east - source.east, north - source.north);
    const seconds =
      at +
      travelSeconds(east - source.east, north - source.north, 340, 0, 0) +
      (next ? gauss(next) * noise : 0);
    return {
      pole,
      seconds,
      score: score(meters),
      levelDb: 120 - 15 * Math.log10(Math.max(meters, 5)),
      strengthDb: 35 - meters / 40,
    };
  });
}

/** Air in which sound travels at 340 m/s to a centimetre a second, and no wind. */
export const STILL = { temperatureC: 14.61, relativeHumidity: 0, windSpeed: 0, windFromDegrees: 0 };

export function lastOf(steps: readonly IncidentStep[]): Incident[] {
  const last = new Map<string, Incident>();
  for (const { incident } of steps) last.set(incident.incidentId, incident);
  return [...last.values()];
}

export function metersFrom(incident: Incident, source: Place): number {
  const [east, north] = PLANE.toPlane(incident.location!);
  return Math.hypot(east - source.east, north - source.north);
}

export function secondsAfterZero(time: Nanos): number {
  return Number(time - ZERO) / 1e9;
}

/** A square grid of poles. */
export function grid(side: number, spacing: number): Place[] {
  return Array.from({ length: side * side }, (_, i) => ({
    east: ((i % side) - (side - 1) / 2) * spacing,
    north: (Math.floor(i / side) - (side - 1) / 2) * spacing,
  }));
}
