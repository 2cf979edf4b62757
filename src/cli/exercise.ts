import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import type { NatsConnection } from 'nats';
import { ClameurError, loadService, parseSite, type Pole, type Site } from '../config/index.js';
import { readScene } from '../feeds/index.js';
import { distanceMeters } from '../locate/index.js';
import type { CloudEvent } from '../publish/index.js';
import { parseSceneSpec, playScene, writeScene } from '../simulate/index.js';
import { describeExercise, exerciseScene } from './exercise-scene.js';
import { once } from './nats-once.js';
import { printJson } from './output.js';

/** As many as an event tells of; a site of a thousand poles is exercised round its densest spot. */
const MOST_POLES = 12;
const FEWEST_POLES = 4;
const SCENE_SECONDS = 7;
const SHOT_AT_SECONDS = 2;
/** From now to the first frame: time to connect, and for the frames to lie in the past of every clock. */
const LEAD_MILLIS = 500;

/** `clameur exercise`: one shot that nobody fired, through the whole running service, without touching live alerts. */
export function exerciseCommand(): Command {
  return new Command('exercise')
    .description(
      'Plays a made-up shot, or a scene, at the running service as an exercise, and waits for its events on the hub’s side.',
    )
    .argument(
      '[scene]',
      'a scene folder to play instead of a made-up shot; what is told must be as its truth says',
    )
    .requiredOption('--config <file>', 'the service’s YAML: its NATS server, credentials and site')
    .option('--site <file>', 'site.geojson to use instead of the service’s (a scene: instead of its own)')
    .option('--wait <seconds>', 'how long the event may take after the sound', Number, 20)
    .option('--json', 'one line of JSON on standard output')
    .addHelpText(
      'after',
      '\nThe service must run with exercise: true. Poles with a publicKey take no part: their frames are signed.' +
        '\n\nExample: clameur exercise --config clameur.yaml' +
        '\nA scene:  clameur exercise fixtures/positive/three-shots --site site.geojson --config clameur.yaml',
    )
    .action(exercise);
}

interface ExerciseFlags {
  config: string;
  site?: string;
  wait: number;
  json?: boolean;
}

async function exercise(scene: string | undefined, flags: ExerciseFlags): Promise<void> {
  const { config } = await loadService(flags.config);
  const play = (connection: NatsConnection): Promise<void> =>
    scene === undefined
      ? playShot(connection, flags.site ?? config.site, flags)
      : playGiven(connection, scene, flags);
  await once(config.nats, play, 'clameur exercise');
}

async function playGiven(connection: NatsConnection, path: string, flags: ExerciseFlags): Promise<void> {
  const scene = await readScene(path, flags.site === undefined ? {} : { site: flags.site });
  const result = await exerciseScene(connection, scene, flags.wait);
  if (flags.json) printJson({ heard: result.ok, ...result });
  else process.stdout.write(describeExercise(result));
  if (!result.ok) process.exitCode = 1;
}

async function playShot(connection: NatsConnection, file: string, flags: ExerciseFlags): Promise<void> {
  const { json, site } = await readSite(file);
  const poles = densest(site, file);
  const at = middle(poles);
  const folder = await mkdtemp(join(tmpdir(), 'clameur-exercise-'));
  try {
    const waitFor = eventsOf(connection, site.site);
    const spec = parseSceneSpec({
      name: 'exercise',
      seed: 'exercise',
      start: new Date().toISOString(),
      seconds: SCENE_SECONDS,
      poles: poles.map(({ pole }) => pole),
      sources: [{ kind: 'gunshot', shots: 1, at, atSeconds: SHOT_AT_SECONDS }],
    });
    await writeScene(spec, json, folder);
    const scene = await readScene(folder);
    await playScene(connection, scene, { prefix: 'exercise', startAtMillis: Date.now() + LEAD_MILLIS });
    const heard = await waitFor(flags.wait);
    if (!heard) throw new ClameurError('EXERCISE_UNHEARD', { site: site.site, seconds: flags.wait });
    report(heard, at, flags.json);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function report({ first, last: { data } }: Heard, at: [number, number], json = false): void {
  const place = data.location?.coordinates as [number, number] | undefined;
  const offMeters = place && Math.round(distanceMeters(at, place));
  const latencySeconds = first.data.latencySeconds?.total;
  if (json)
    return printJson({ heard: true, class: data.class, method: data.method, offMeters, latencySeconds });
  const where = offMeters === undefined ? 'without a place' : `${offMeters} m from where it was`;
  const after = latencySeconds === undefined ? '' : `, ${latencySeconds.toFixed(2)} s after the sound`;
  process.stdout.write(`heard: ${data.class}, ${data.method}, ${where}${after}\n`);
}

/** What came of an exercise: its first event, whose latency counts, and its last, whose place does. */
interface Heard {
  first: CloudEvent;
  last: CloudEvent;
}

/** Subscribes at once; resolves when the exercise's incident is closed or the time is over. */
function eventsOf(connection: NatsConnection, site: string): (seconds: number) => Promise<Heard | undefined> {
  const since = Date.now();
  let heard: Heard | undefined;
  let close: () => void;
  const closed = new Promise<void>((resolve) => (close = resolve));
  connection.subscribe(`events.${site}.gunshot`, {
    callback: (error, message) => {
      if (error) return;
      const event = message.json<CloudEvent>();
      if (!event.data.exercise || Date.parse(event.data.onset) < since) return;
      heard = { first: heard?.first ?? event, last: event };
      if (event.type.includes('.closed.')) close();
    },
  });
  return async (seconds) => {
    const timer = setTimeout(() => close(), seconds * 1000);
    await closed;
    clearTimeout(timer);
    return heard;
  };
}

/** The pole whose fourth neighbour is nearest, and those round it. */
function densest(site: Site, file: string): Pole[] {
  const usable = site.poles.filter(({ recorded, publicKey }) => recorded && publicKey === undefined);
  if (usable.length < FEWEST_POLES) {
    const problem = `has ${usable.length} poles with a feed and no publicKey; an exercise needs ${FEWEST_POLES}`;
    throw new ClameurError('SITE_INVALID', { file, problem });
  }
  const round = usable.map((centre) => {
    const near = usable
      .map((pole) => ({ pole, meters: distanceMeters(centre.position, pole.position) }))
      .sort((a, b) => a.meters - b.meters);
    return { reach: near[FEWEST_POLES - 1].meters, poles: near.slice(0, MOST_POLES).map(({ pole }) => pole) };
  });
  return round.reduce((a, b) => (b.reach < a.reach ? b : a)).poles;
}

function middle(poles: readonly Pole[]): [number, number] {
  const near = poles.slice(0, FEWEST_POLES);
  const mean = (axis: 0 | 1): number =>
    near.reduce((sum, { position }) => sum + position[axis], 0) / near.length;
  return [mean(0), mean(1)];
}

async function readSite(file: string): Promise<{ json: unknown; site: Site }> {
  try {
    const json: unknown = JSON.parse(await readFile(file, 'utf8'));
    return { json, site: parseSite(json, file) };
  } catch (cause) {
    if (cause instanceof ClameurError) throw cause;
    throw new ClameurError('SITE_INVALID', { file, problem: (cause as Error).message }, { cause });
  }
}
