import type { Random } from '../../simulate/index.js';
import type { City } from './city.js';
import type { Injection } from './plan.js';

/** A shot that one pole alone hears, from near by. */
export interface LoadShot {
  pole: string;
  /** When it is heard, seconds since the first sample. */
  seconds: number;
  meters: number;
  variant: number;
}

const LEAD_SECONDS = 4;
const TAIL_SECONDS = 3;
const A_SECOND = 2;
const NEAREST_METERS = 50;
const FARTHEST_METERS = 120;
/** Two shots of one pole are two incidents after so long. */
const SAME_POLE_SECONDS = 8;

/** Two shots a second at random poles; fewer where there are too few poles for that. Pure. */
export function planLoad(city: City, seconds: number, random: Random): LoadShot[] {
  const free = new Map<string, number>();
  const shots: LoadShot[] = [];
  for (let at = LEAD_SECONDS; at < seconds - TAIL_SECONDS; at += random.uniform(0.5, 1.5) / A_SECOND) {
    const { pole } = random.pick(city.poles);
    if ((free.get(pole) ?? 0) > at) continue;
    free.set(pole, at + SAME_POLE_SECONDS);
    const meters = random.uniform(NEAREST_METERS, FARTHEST_METERS);
    shots.push({ pole, seconds: at, meters, variant: shots.length });
  }
  return shots;
}

export function asInjections(city: City, shots: readonly LoadShot[]): Injection[] {
  const poles = new Map(city.poles.map((pole) => [pole.pole, pole]));
  return shots.map(({ pole, seconds }, index) => {
    const { quarter, east, north } = poles.get(pole)!;
    const arrivals = new Map([[pole, seconds]]);
    return { index, class: 'gunshot', quarter, east, north, atSeconds: seconds, arrivals };
  });
}
