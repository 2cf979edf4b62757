import type { Random } from '../../simulate/index.js';
import { tableOf } from '../table.js';
import type { Bar } from './locate-bars.js';
import { scoreCity, type CityScore } from './locate-city.js';
import { incidentCost, type IncidentCost } from './locate-cost.js';

export const COST_MILLISECONDS = 20;
const COST_TRIALS = 40;
const CITY_SECONDS = 60;
const SHOTS_PER_MINUTE = 100;
const CITY_POLES = 1000;
/** The same shots in a smaller and a larger city: an arrival must not cost more where there are more poles. */
const OTHER_POLES = [250, 4000] as const;
/** One core's share that leaves room for the rest of the process. */
const MOST_LOAD = 0.5;
const FEWEST_FOUND = 0.9;
const MOST_GROWTH = 2;

export interface LoadScore {
  incident: IncidentCost;
  cities: CityScore[];
}

/** What locating costs: one incident among 200 arrivals, and cities of several sizes with 100 shots a minute. */
export function scoreLoad(random: Random): LoadScore {
  const incident = incidentCost(COST_TRIALS, random.fork('cost'));
  const city = (poles: number) =>
    scoreCity(poles, SHOTS_PER_MINUTE, CITY_SECONDS, random.fork(`city${poles}`));
  return { incident, cities: [CITY_POLES, ...OTHER_POLES].map(city) };
}

export function loadBars({ incident, cities }: LoadScore): Bar[] {
  const [city, small, large] = cities;
  const perArrival = ({ load, arrivals }: CityScore): number => load / arrivals;
  const name = `${city.poles} poles, ${city.shotsPerMinute} shots a minute`;
  return [
    {
      name: `CPU of an incident, ${incident.poles} poles with ${incident.arrivals} arrivals, ms`,
      value: incident.cpuMilliseconds,
      atMost: COST_MILLISECONDS,
    },
    { name: `${name}: CPU seconds a second`, value: city.load, atMost: MOST_LOAD },
    { name: `${name}: shots found`, value: city.found / city.shots, atLeast: FEWEST_FOUND },
    {
      name: `CPU of an arrival, ${large.poles} poles over ${small.poles}`,
      value: perArrival(large) / perArrival(small),
      atMost: MOST_GROWTH,
    },
  ];
}

export function loadTable({ cities }: LoadScore): string {
  const rows = cities.map((c) => [
    c.poles,
    c.shotsPerMinute,
    c.arrivals,
    `${c.found} of ${c.shots}`,
    c.placed,
    c.spurious,
    c.load.toFixed(3),
    ((c.load * CITY_SECONDS * 1000) / c.arrivals).toFixed(2),
  ]);
  const head = [
    'poles',
    'shots/min',
    'arrivals',
    'found',
    '≤ 25 m',
    'spurious',
    'CPU s/s',
    'CPU ms an arrival',
  ];
  return `A city in one locator for ${CITY_SECONDS} s: echoes, and two strangers' impulses a pole a minute\n${tableOf(rows, { head })}`;
}
