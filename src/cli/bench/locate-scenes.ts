import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseTime, type Nanos } from '../../audio/index.js';
import { parseSite, type Site } from '../../config/index.js';
import type { Detection } from '../../listen/index.js';
import {
  distanceMeters,
  ellipseDistance,
  LocalPlane,
  SiteLocator,
  type ErrorEllipse,
  type Incident,
  type LocateOptions,
  type Weather,
} from '../../locate/index.js';

/** A pulse as a sensor reported it, with the shot that the authors of the set gave it to. */
interface Pulse {
  pole: string;
  arrival: string;
  snrDb: number;
  levelDbSpl: number;
  shot: number | null;
}

export interface ArrivalScene {
  name: string;
  site: Site;
  weather: Weather;
  truth: readonly [number, number];
  pulses: readonly Pulse[];
}

/** What the ellipse is drawn from besides weather, clocks and positions. */
export type Calibration = Pick<LocateOptions, 'propagationSpreadSeconds' | 'ellipseFloorMeters'>;

export interface SceneScore {
  scene: string;
  shots: number;
  /** Of each shot found, metres from the survey. */
  errors: number[];
  /** Of each shot found: the ellipse, and where the survey lies from its middle, metres east and north. */
  claims: Array<{ ellipse: ErrorEllipse; east: number; north: number }>;
  /** Of the incidents found: squares of the times' residuals, summed, and how many are free of the fit. */
  residualSquares: number;
  residualsFree: number;
  /** Of each shot found: did the ellipse hold the survey? */
  held: boolean[];
  /** Incidents that are none of the shots and farther than 25 m from the firing point. */
  spurious: number;
  cpuMilliseconds: number;
  incidents: number;
}

/** A shot found lies so near in time to the truth, seconds. */
const SAME_SHOT_SECONDS = 0.12;
/** An incident that is not located tells its arrival, later by the travel to the pole. */
const SAME_ARRIVAL_SECONDS = 2.5;
/** Below this no sensor's pulse starts an incident: the gate of Technical Note 098. */
const STRONG_DB_SPL = 73;
const SPURIOUS_METERS = 25;
const SOUND_SPEED = 331.8;

/** Every folder beneath `folder` that has an arrivals.json beside its scene.json. */
export async function readArrivalScenes(folder: string): Promise<ArrivalScene[]> {
  const names = (await readdir(folder, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
  const scenes: ArrivalScene[] = [];
  for (const name of names) {
    const read = async (file: string): Promise<unknown> =>
      JSON.parse(await readFile(join(folder, name, file), 'utf8'));
    const pulses = (await read('arrivals.json').catch(() => undefined)) as Pulse[] | undefined;
    if (!pulses) continue;
    const scene = (await read('scene.json')) as {
      weather?: Weather;
      truth: Array<{ location: [number, number] }>;
    };
    const site = parseSite(await read('site.geojson'), join(name, 'site.geojson'));
    scenes.push({
      name,
      // The sensors without a recording reported pulses all the same.
      site: { ...site, poles: site.poles.map((pole) => ({ ...pole, recorded: true })) },
      weather: scene.weather ?? {},
      truth: scene.truth[0].location,
      pulses,
    });
  }
  return scenes;
}

/** The emissions that the authors' labels give: median over sensors of arrival less travel, nanoseconds. */
function emissions({ pulses, site, truth }: ArrivalScene): Nanos[] {
  const places = new Map(site.poles.map(({ pole, position }) => [pole, position]));
  const byShot = new Map<number, Nanos[]>();
  for (const { shot, pole, arrival } of pulses) {
    const place = places.get(pole);
    if (shot === null || !place) continue;
    const travel = BigInt(Math.round((distanceMeters(place, truth) / SOUND_SPEED) * 1e9));
    byShot.set(shot, [...(byShot.get(shot) ?? []), parseTime(arrival) - travel]);
  }
  return [...byShot.values()].map((times) => {
    times.sort((a, b) => (a < b ? -1 : 1));
    return times[times.length >> 1];
  });
}

/**
 * Puts a scene's raw pulses of the chosen poles (all, where absent) through the locator and holds it to the truth.
 * `calibration`: in place of the locator's own.
 */
export function scoreScene(
  scene: ArrivalScene,
  poles?: ReadonlySet<string>,
  calibration: Calibration = {},
): SceneScore {
  const site = poles
    ? { ...scene.site, poles: scene.site.poles.filter(({ pole }) => poles.has(pole)) }
    : scene.site;
  const locator = new SiteLocator(site, { unscored: true, ...calibration });
  locator.setWeather(scene.weather);
  const started = process.cpuUsage();
  for (const pulse of scene.pulses) locator.add(asDetection(pulse));
  const incidents = new Map<string, Incident>();
  for (const { incident } of locator.flush()) incidents.set(incident.incidentId, incident);
  const spent = process.cpuUsage(started);
  const used = new Set<Incident>();
  const errors: number[] = [];
  const claims: SceneScore['claims'] = [];
  const held: boolean[] = [];
  const truths = emissions(scene);
  for (const truth of truths) {
    const found = nearest([...incidents.values()], truth);
    if (!found?.location || !found.accuracy) continue;
    used.add(found);
    errors.push(distanceMeters(found.location, scene.truth));
    const [east, north] = new LocalPlane(found.location).toPlane(scene.truth);
    claims.push({ ellipse: found.accuracy, east, north });
    held.push(ellipseDistance(found.accuracy, east, north) <= 1);
  }
  const spurious = [...incidents.values()].filter(
    (incident) =>
      !used.has(incident) &&
      !(incident.location && distanceMeters(incident.location, scene.truth) < SPURIOUS_METERS),
  ).length;
  const cpuMilliseconds = (spent.user + spent.system) / 1000;
  let residualSquares = 0;
  let residualsFree = 0;
  for (const { poles: heard, shots } of used) {
    const residuals = heard.flatMap(({ residualSeconds }) => residualSeconds ?? []);
    residualSquares += residuals.reduce((sum, r) => sum + r * r, 0);
    // Each shot has an emission of its own, all have one place.
    residualsFree += Math.max(residuals.length - 1 - 2 / (shots?.count ?? 1), 0);
  }
  return {
    scene: scene.name,
    shots: truths.length,
    errors,
    claims,
    residualSquares,
    residualsFree,
    held,
    spurious,
    cpuMilliseconds,
    incidents: incidents.size,
  };
}

function nearest(incidents: readonly Incident[], truth: Nanos): Incident | undefined {
  let best: Incident | undefined;
  let off = Infinity;
  for (const incident of incidents) {
    const slack = incident.method === 'multilateration' ? SAME_SHOT_SECONDS : SAME_ARRIVAL_SECONDS;
    for (const time of incident.shots?.timesNanos ?? []) {
      const away = Math.abs(Number(time - truth)) / 1e9;
      if (away < slack && away < off) {
        off = away;
        best = incident;
      }
    }
  }
  return best;
}

/** Raw pulses carry no class: neutral scores, so that travel times, levels and strengths alone decide. */
function asDetection({ pole, arrival, snrDb, levelDbSpl }: Pulse): Detection {
  const timeNanos = parseTime(arrival);
  const strong = levelDbSpl >= STRONG_DB_SPL;
  const scores = { gunshot: strong ? 0.5 : 0.3 };
  return {
    detectionId: `${pole}.${timeNanos}`,
    pole,
    class: 'gunshot',
    state: strong ? 'open' : 'weak',
    onsetNanos: timeNanos,
    arrivals: [
      {
        timeNanos,
        onsetUncertaintySeconds: 0.001,
        clockUncertaintySeconds: 1e-4,
        levelDb: levelDbSpl,
        strengthDb: snrDb,
        scores,
      },
    ],
    score: scores.gunshot,
    scores,
    levelDb: levelDbSpl,
    snrDb,
  };
}
