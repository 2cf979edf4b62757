import { secondsToNanos, type Nanos } from '../../audio/index.js';
import type { Detection } from '../../listen/index.js';
import { airFrom, SiteLocator, type Incident } from '../../locate/index.js';
import type { Random } from '../../simulate/index.js';
import { asDetection, PLANE, shotPulses, siteOf, strangerPulse, ZERO, type Pulse } from './locate-town.js';

export interface CityScore {
  poles: number;
  shotsPerMinute: number;
  shots: number;
  /** Shots with an incident at their time, and of those by multilateration within 25 m. */
  found: number;
  placed: number;
  /** Multilaterated incidents that are no shot. */
  spurious: number;
  arrivals: number;
  /** Processor seconds a second of the city: below 1 one locator keeps up. */
  load: number;
}

const SPACING_METERS = 250;
/** Poles farther from a shot than this do not report it. */
const EARSHOT_METERS = 700;
/** Impulses besides shots, a pole a minute: doors, lorries' plates. */
const STRANGERS_PER_MINUTE = 2;
/** Listeners judge an arrival with the sound that follows it, and site time waits for them. */
const STEP_SECONDS = 0.1;
const NEAR_METERS = 25;
const SAME_SECONDS = 0.3;
const WEATHER = { temperatureC: 15, relativeHumidity: 60, windSpeed: 4, windFromDegrees: 300 };

interface Shot {
  east: number;
  north: number;
  seconds: number;
}

/**
 * A city of so many poles, each with a jitter on a square grid, streamed through one locator as live: shots at random
 * instants and places all over it, façades' echoes, strangers' impulses at every pole. No incident is grouped with
 * others, so that each shot can be asked for.
 */
export function scoreCity(poles: number, shotsPerMinute: number, seconds: number, random: Random): CityScore {
  const side = Math.ceil(Math.sqrt(poles));
  const jitter = () => random.uniform(-SPACING_METERS / 4, SPACING_METERS / 4);
  const places = Array.from({ length: poles }, (_, i): readonly [number, number] => [
    ((i % side) - side / 2) * SPACING_METERS + jitter(),
    (Math.floor(i / side) - side / 2) * SPACING_METERS + jitter(),
  ]);
  const reach = (side / 2 - 1) * SPACING_METERS;
  const shots = Array.from({ length: Math.round((shotsPerMinute * seconds) / 60) }, (): Shot => ({
    east: random.uniform(-reach, reach),
    north: random.uniform(-reach, reach),
    seconds: random.uniform(0, seconds),
  }));
  const detections = drawPulses(places, shots, seconds, random).map(asDetection);
  const locator = new SiteLocator(siteOf(places), { fireworksPerMinute: Infinity });
  locator.setWeather(WEATHER);
  const { incidents, spentSeconds } = stream(locator, detections, seconds);
  return {
    poles,
    shotsPerMinute,
    arrivals: detections.length,
    load: spentSeconds / seconds,
    ...judge(shots, incidents),
  };
}

function drawPulses(
  places: ReadonlyArray<readonly [number, number]>,
  shots: readonly Shot[],
  seconds: number,
  random: Random,
): Pulse[] {
  const air = airFrom(WEATHER);
  const pulses = shots.flatMap((shot) =>
    places.flatMap(([east, north], pole) => {
      const from = [east - shot.east, north - shot.north] as const;
      return Math.hypot(...from) < EARSHOT_METERS
        ? shotPulses(pole, from, shot.seconds, air, true, random)
        : [];
    }),
  );
  const strangers = Math.round((places.length * STRANGERS_PER_MINUTE * seconds) / 60);
  for (let i = 0; i < strangers; i++)
    pulses.push(strangerPulse(random.int(0, places.length - 1), random.uniform(0, seconds), random));
  return pulses.sort((a, b) => a.seconds - b.seconds);
}

/** Detections in the order of their onsets, site time close behind them. */
function stream(
  locator: SiteLocator,
  detections: readonly Detection[],
  seconds: number,
): { incidents: Incident[]; spentSeconds: number } {
  const last = new Map<string, Incident>();
  const started = process.cpuUsage();
  let next = 0;
  for (let at = 0; at < seconds + 10; at += STEP_SECONDS) {
    const now: Nanos = ZERO + secondsToNanos(at);
    while (next < detections.length && detections[next].onsetNanos <= now) locator.add(detections[next++]);
    for (const { incident } of locator.advance(now)) last.set(incident.incidentId, incident);
  }
  for (const { incident } of locator.flush()) last.set(incident.incidentId, incident);
  const { user, system } = process.cpuUsage(started);
  return { incidents: [...last.values()], spentSeconds: (user + system) / 1e6 };
}

function judge(
  shots: readonly Shot[],
  incidents: readonly Incident[],
): Pick<CityScore, 'shots' | 'found' | 'placed' | 'spurious'> {
  const placed = incidents
    .filter(({ method }) => method === 'multilateration')
    .map(({ location, shots: told }) => ({ at: PLANE.toPlane(location!), times: told?.timesNanos ?? [] }));
  const fits = (shot: Shot, { at: [east, north], times }: (typeof placed)[number]): boolean =>
    Math.hypot(east - shot.east, north - shot.north) <= NEAR_METERS &&
    times.some((time) => Math.abs(Number(time - ZERO) / 1e9 - shot.seconds) < SAME_SECONDS);
  const exact = shots.filter((shot) => placed.some((incident) => fits(shot, incident)));
  const found = shots.filter(
    (shot) => exact.includes(shot) || incidents.some((incident) => holds(incident, shot)),
  );
  return {
    shots: shots.length,
    found: found.length,
    placed: exact.length,
    spurious: placed.filter((incident) => !shots.some((shot) => fits(shot, incident))).length,
  };
}

/** An incident without an exact place that tells a shot's first arrival near it. */
function holds({ method, location, accuracy, shots }: Incident, shot: Shot): boolean {
  if (method === 'multilateration' || !location || !accuracy) return false;
  const [east, north] = PLANE.toPlane(location);
  return (
    Math.hypot(east - shot.east, north - shot.north) <= accuracy.semiMajorMeters &&
    (shots?.timesNanos ?? []).some((time) => {
      const later = Number(time - ZERO) / 1e9 - shot.seconds;
      return later > -SAME_SECONDS && later < EARSHOT_METERS / 300;
    })
  );
}
