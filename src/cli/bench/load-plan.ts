import type { Random } from '../../simulate/index.js';
import type { City } from './city.js';
import { arrivalsAt, placeIn, type Injection } from './plan.js';

/** What one pole hears of a shot. */
export interface LoadShot {
  pole: string;
  /** When it is heard, seconds since the first sample. */
  seconds: number;
  meters: number;
  variant: number;
}

const LEAD_SECONDS = 4;
const TAIL_SECONDS = 4;
const A_SECOND = 2;
/** Two shots of one quarter are two incidents after so long. */
const SAME_QUARTER_SECONDS = 8;

/** Two shots a second in random quarters; fewer where there are too few quarters for that. Pure. */
export function planLoad(city: City, seconds: number, random: Random): Injection[] {
  const quarters = [...new Set(city.poles.map(({ quarter }) => quarter))];
  const free = new Map<number, number>();
  const shots: Injection[] = [];
  for (let at = LEAD_SECONDS; at < seconds - TAIL_SECONDS; at += random.uniform(0.5, 1.5) / A_SECOND) {
    const quarter = random.pick(quarters);
    if ((free.get(quarter) ?? 0) > at) continue;
    free.set(quarter, at + SAME_QUARTER_SECONDS);
    const poles = city.poles.filter((pole) => pole.quarter === quarter);
    const [east, north] = placeIn(poles, undefined, random);
    const arrivals = arrivalsAt(poles, east, north, at);
    shots.push({ index: shots.length, class: 'gunshot', quarter, east, north, atSeconds: at, arrivals });
  }
  return shots;
}

/** The same, as the poles hear it. */
export function heardShots(city: City, injections: readonly Injection[]): LoadShot[] {
  return injections.flatMap(({ index, east, north, arrivals }) =>
    city.poles.flatMap((pole) => {
      const seconds = arrivals.get(pole.pole);
      if (seconds === undefined) return [];
      return [
        {
          pole: pole.pole,
          seconds,
          meters: Math.hypot(pole.east - east, pole.north - north),
          variant: index,
        },
      ];
    }),
  );
}
