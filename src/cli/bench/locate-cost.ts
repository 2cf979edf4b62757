import { airFrom, SiteLocator, type Incident } from '../../locate/index.js';
import type { Random } from '../../simulate/index.js';
import { asDetection, shotPulses, siteOf, strangerPulse, type Pulse } from './locate-town.js';

export interface IncidentCost {
  poles: number;
  arrivals: number;
  trials: number;
  found: number;
  cpuMilliseconds: number;
}

const COLUMNS = 5;
const ROWS = 4;
const SPACING_METERS = 250;
const ARRIVALS_PER_POLE = 10;
const SPAN_SECONDS = 6;
const SHOT_SECONDS = 3;
/** A service has run for a while: its code is compiled. */
const WARM_TRIALS = 100;
const WEATHER = { temperatureC: 15, relativeHumidity: 60, windSpeed: 4, windFromDegrees: 300 };

/** Processor time of a town of 20 poles with 200 arrivals, of which one shot makes one incident: the mean of `trials`. */
export function incidentCost(trials: number, random: Random, warmTrials = WARM_TRIALS): IncidentCost {
  let found = 0;
  let micros = 0;
  for (let trial = -warmTrials; trial < trials; trial++) {
    const { locator, detections } = drawCase(random.fork(trial));
    const started = process.cpuUsage();
    for (const detection of detections) locator.add(detection);
    const incidents = new Map<string, Incident>();
    for (const { incident } of locator.flush()) incidents.set(incident.incidentId, incident);
    const { user, system } = process.cpuUsage(started);
    if (trial < 0) continue;
    micros += user + system;
    if ([...incidents.values()].some(({ method }) => method === 'multilateration')) found++;
  }
  const poles = COLUMNS * ROWS;
  return {
    poles,
    arrivals: poles * ARRIVALS_PER_POLE,
    trials,
    found,
    cpuMilliseconds: micros / trials / 1000,
  };
}

function drawCase(random: Random) {
  const off = () => random.uniform(-SPACING_METERS / 4, SPACING_METERS / 4);
  const places = Array.from({ length: COLUMNS * ROWS }, (_, i): readonly [number, number] => [
    (i % COLUMNS) * SPACING_METERS + off(),
    Math.floor(i / COLUMNS) * SPACING_METERS + off(),
  ]);
  const east = random.uniform(0, (COLUMNS - 1) * SPACING_METERS);
  const north = random.uniform(0, (ROWS - 1) * SPACING_METERS);
  const air = airFrom(WEATHER);
  const pulses = places.flatMap(([x, y], pole): Pulse[] => {
    const heard = shotPulses(pole, [x - east, y - north], SHOT_SECONDS, air, true, random);
    while (heard.length < ARRIVALS_PER_POLE)
      heard.push(strangerPulse(pole, random.uniform(0, SPAN_SECONDS), random));
    return heard.slice(0, ARRIVALS_PER_POLE);
  });
  const locator = new SiteLocator(siteOf(places));
  locator.setWeather(WEATHER);
  return { locator, detections: pulses.map(asDetection) };
}
