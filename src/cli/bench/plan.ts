import { straightSeconds, type Random } from '../../simulate/index.js';
import type { City, CityPole } from './city.js';

export type InjectedClass = 'gunshot' | 'explosion' | 'crowd_clamour';

/** One thing that happens in the city. Seconds count from the first sample sent. */
export interface Injection {
  index: number;
  class: InjectedClass;
  quarter: number;
  east: number;
  north: number;
  /** When the sound leaves its place: a blast's front, a crowd's first shout. */
  atSeconds: number;
  /** When each pole of the quarter hears it, by pole. */
  arrivals: ReadonlyMap<string, number>;
}

export interface PlanOptions {
  incidents: number;
  /** Before the first thing happens, so that every feed is live. */
  leadSeconds: number;
}

export const CITY_WEATHER = { temperatureC: 15, relativeHumidity: 60, windSpeed: 0, windFromDegrees: 0 };
export const CROWD_SECONDS = 9;
const EXPLOSION_SHARE = 0.1;
const CROWD_SHARE = 0.03;
/** What keeps two happenings of one quarter two: an incident closes after 5 s of quiet, a crowd after 15 s. */
const QUIET_SECONDS: Record<InjectedClass, readonly [number, number]> = {
  gunshot: [6.5, 8.5],
  explosion: [9.5, 11],
  crowd_clamour: [CROWD_SECONDS + 18, CROWD_SECONDS + 20],
};
const NEAREST_METERS = 40;
const NEXT_PLACE_METERS = 150;

/** What happens where and when: each quarter has its own succession, so that they fall together at any phase. */
export function planInjections(city: City, random: Random, options: PlanOptions): Injection[] {
  const quarters = [...new Set(city.poles.map(({ quarter }) => quarter))].map((quarter) => ({
    quarter,
    poles: city.poles.filter((pole) => pole.quarter === quarter),
    freeAt: options.leadSeconds + random.uniform(0, QUIET_SECONDS.gunshot[0]),
    last: undefined as readonly [number, number] | undefined,
  }));
  const kinds = kindsOf(options.incidents, random);
  const injections = kinds.map((name, index) => {
    const next = quarters.reduce((a, b) => (b.freeAt < a.freeAt ? b : a));
    const [east, north] = placeIn(next.poles, next.last, random);
    const atSeconds = next.freeAt;
    next.last = [east, north];
    next.freeAt += random.uniform(...QUIET_SECONDS[name]);
    return {
      index,
      class: name,
      quarter: next.quarter,
      east,
      north,
      atSeconds,
      arrivals: arrivalsAt(next.poles, east, north, atSeconds),
    };
  });
  return injections.sort((a, b) => a.atSeconds - b.atSeconds);
}

/** Exactly the shares, in random order: a run of any length has a few of each. */
function kindsOf(count: number, random: Random): InjectedClass[] {
  const crowds = Math.round(count * CROWD_SHARE);
  const explosions = Math.round(count * EXPLOSION_SHARE);
  const kinds = Array.from({ length: count }, (_, i): InjectedClass =>
    i < crowds ? 'crowd_clamour' : i < crowds + explosions ? 'explosion' : 'gunshot',
  );
  for (let i = count - 1; i > 0; i--) {
    const j = random.int(0, i);
    [kinds[i], kinds[j]] = [kinds[j], kinds[i]];
  }
  return kinds;
}

/** Somewhere between a quarter's poles, not right beside one, and away from the `last` place. */
export function placeIn(
  poles: readonly CityPole[],
  last: readonly [number, number] | undefined,
  random: Random,
): readonly [number, number] {
  const span = (of: (pole: CityPole) => number): readonly [number, number] => [
    Math.min(...poles.map(of)),
    Math.max(...poles.map(of)),
  ];
  const easts = span(({ east }) => east);
  const norths = span(({ north }) => north);
  for (;;) {
    const east = random.uniform(...easts);
    const north = random.uniform(...norths);
    const free = poles.every((pole) => Math.hypot(pole.east - east, pole.north - north) >= NEAREST_METERS);
    const away = !last || Math.hypot(last[0] - east, last[1] - north) >= NEXT_PLACE_METERS;
    if (free && away) return [east, north];
  }
}

/** When each pole hears what leaves the place at `atSeconds`, by pole. */
export function arrivalsAt(
  poles: readonly CityPole[],
  east: number,
  north: number,
  atSeconds: number,
): Map<string, number> {
  return new Map(
    poles.map((pole) => [
      pole.pole,
      atSeconds +
        straightSeconds({
          eastMeters: pole.east - east,
          northMeters: pole.north - north,
          weather: CITY_WEATHER,
        }),
    ]),
  );
}
