import { secondsToNanos, type Nanos } from '../../audio/index.js';
import type { Site } from '../../config/index.js';
import type { Detection } from '../../listen/index.js';
import {
  airFrom,
  ELLIPSE_FLOOR_METERS,
  ellipseDistance,
  SiteLocator,
  type Incident,
  type Weather,
} from '../../locate/index.js';
import type { Random } from '../../simulate/index.js';
import { asDetection, PLANE, shotPulses, siteOf, strangerPulse, ZERO } from './locate-town.js';

/** What a simulated town does to a shot. */
export interface StreetCase {
  name: string;
  poles: number;
  /** Wind of 0 up to this, from anywhere, m/s. */
  windUpTo: number;
  /** Does the locator know the weather? */
  weatherKnown: boolean;
  /** Poles hear façades after the shot, and a few nothing else. */
  echoes: boolean;
  /** Strangers' impulses a pole a second. */
  falseArrivals: number;
}

export interface StreetScore extends StreetCase {
  trials: number;
  found: number;
  /** Of those found, by multilateration. */
  located: number;
  within15: number;
  /** Of those: the ellipse holds the truth. */
  held: number;
  /** Of the others, whose ellipse is wide on purpose: it holds the truth. */
  heldWide: number;
  spurious: number;
}

const CALM = { windUpTo: 0, weatherKnown: true, echoes: false, falseArrivals: 0 };

export const STREET_CASES: readonly StreetCase[] = [
  { ...CALM, name: 'calm', poles: 8 },
  { ...CALM, name: 'wind, known', poles: 8, windUpTo: 20 },
  { ...CALM, name: 'wind, unknown', poles: 8, windUpTo: 20, weatherKnown: false },
  { ...CALM, name: 'wind, unknown', poles: 5, windUpTo: 20, weatherKnown: false },
  { ...CALM, name: 'echoes', poles: 8, echoes: true },
  { ...CALM, name: 'false arrivals', poles: 8, falseArrivals: 0.5 },
  ...[5, 6, 8, 12].map((poles) => ({
    ...CALM,
    name: 'all of it',
    poles,
    windUpTo: 10,
    echoes: true,
    falseArrivals: 0.5,
  })),
];

/** What no number of poles averages out, 1σ of each axis: the ellipse's floor, which is 95 % of it (√χ² = 2.448). */
const SOURCE_SIGMA_METERS = ELLIPSE_FLOOR_METERS / 2.448;
const TEMPERATURE_C = [0, 30] as const;
const METERS_PER_SECOND_PER_C = 0.6;
const SPACING_METERS = 300;
const SPAN_SECONDS = 6;
const SHOT_SECONDS = 3;
const NEAR_METERS = 15;
const SPURIOUS_METERS = 25;

/** Shots at random places of random towns, through the whole locator. */
export function scoreStreets(which: StreetCase, trials: number, random: Random): StreetScore {
  const score: StreetScore = {
    ...which,
    trials,
    found: 0,
    located: 0,
    within15: 0,
    held: 0,
    heldWide: 0,
    spurious: 0,
  };
  for (let trial = 0; trial < trials; trial++) {
    const town = drawTown(which, random);
    const locator = new SiteLocator(town.site);
    if (which.weatherKnown) locator.setWeather(atMast(town.weather, random.fork(`mast${trial}`)));
    for (const detection of town.detections) locator.add(detection);
    const incidents = new Map<string, Incident>();
    for (const { incident } of locator.flush()) incidents.set(incident.incidentId, incident);
    const mine = nearestInTime([...incidents.values()]);
    for (const incident of incidents.values()) {
      const off = incident.location ? offsetOf(incident, town.source) : undefined;
      if (incident === mine) continue;
      if (incident.method === 'multilateration' && off && Math.hypot(...off) > SPURIOUS_METERS)
        score.spurious++;
    }
    if (!mine?.location || !mine.accuracy) continue;
    score.found++;
    const [east, north] = offsetOf(mine, town.source);
    const holds = ellipseDistance(mine.accuracy, east, north) <= 1 ? 1 : 0;
    if (Math.hypot(east, north) <= NEAR_METERS) score.within15++;
    if (mine.method === 'multilateration') {
      score.located++;
      score.held += holds;
    } else score.heldWide += holds;
  }
  return score;
}

interface Town {
  site: Site;
  weather: Weather;
  source: readonly [number, number];
  detections: Detection[];
}

function drawTown(which: StreetCase, random: Random): Town {
  const places = Array.from({ length: which.poles }, (_, i) => poleAt(i, which.poles, random));
  const weather: Weather = {
    temperatureC: random.uniform(...TEMPERATURE_C),
    relativeHumidity: random.uniform(30, 90),
    windSpeed: random.uniform(0, which.windUpTo),
    windFromDegrees: random.uniform(0, 360),
  };
  const air = airFrom(weather);
  // Somewhere between the poles: a mean of three of them, weighted at random.
  const weights = places.map(() => -Math.log(1 - random.next()));
  const sum = weights.reduce((a, b) => a + b, 0);
  const blend = (of: 0 | 1): number =>
    places.reduce((total, place, i) => total + (weights[i] / sum) * place[of], 0) * 1.5;
  const source = [blend(0), blend(1)] as const;
  const heardAt = source.map((x) => x + SOURCE_SIGMA_METERS * random.normal());
  const pulses = places.flatMap(([east, north], pole) =>
    shotPulses(pole, [east - heardAt[0], north - heardAt[1]], SHOT_SECONDS, air, which.echoes, random),
  );
  for (let pole = 0; pole < which.poles; pole++) {
    for (let at = gap(which, random); at < SPAN_SECONDS; at += gap(which, random)) {
      pulses.push(strangerPulse(pole, at, random));
    }
  }
  return { site: siteOf(places), weather, source, detections: pulses.map(asDetection) };
}

/** As a mast tells it: the street is a little warmer or colder, and its wind another, by what the locator allows for. */
function atMast(weather: Weather, random: Random): Weather {
  const { windEast, windNorth, windSigma, soundSpeedSigma } = airFrom(weather);
  const east = windEast + windSigma * random.normal();
  const north = windNorth + windSigma * random.normal();
  return {
    ...weather,
    temperatureC: weather.temperatureC! + (soundSpeedSigma / METERS_PER_SECOND_PER_C) * random.normal(),
    windSpeed: Math.hypot(east, north),
    windFromDegrees: (Math.atan2(-east, -north) * 180) / Math.PI,
  };
}

const gap = ({ falseArrivals }: StreetCase, random: Random): number =>
  falseArrivals > 0 ? -Math.log(1 - random.next()) / falseArrivals : Infinity;

/** Poles round a middle and one in it, each off its place by up to a quarter of the spacing. */
function poleAt(i: number, count: number, random: Random): readonly [number, number] {
  const ring = count - 1;
  const radius = i === ring ? 0 : SPACING_METERS / (2 * Math.sin(Math.PI / Math.max(ring, 3)));
  const angle = (2 * Math.PI * i) / ring;
  const off = () => random.uniform(-SPACING_METERS / 4, SPACING_METERS / 4);
  return [radius * Math.cos(angle) + off(), radius * Math.sin(angle) + off()];
}

/** The incident whose emission (or first arrival, where not located) fits the shot. */
function nearestInTime(incidents: readonly Incident[]): Incident | undefined {
  const shot = ZERO + secondsToNanos(SHOT_SECONDS);
  const off = (time: Nanos): number => Math.abs(Number(time - shot)) / 1e9;
  const best = (incident: Incident): number => Math.min(...(incident.shots?.timesNanos ?? []).map(off));
  return incidents
    .filter((incident) => best(incident) < (incident.method === 'multilateration' ? 0.3 : 1.5))
    .sort((a, b) => b.poles.length - a.poles.length || best(a) - best(b))[0];
}

/** Truth less place, metres east and north. */
function offsetOf(incident: Incident, [east, north]: readonly [number, number]): readonly [number, number] {
  const [x, y] = PLANE.toPlane(incident.location!);
  return [east - x, north - y];
}
