import { readFile, stat } from 'node:fs/promises';
import { SingleBar } from 'cli-progress';
import { Command, InvalidArgumentError } from 'commander';
import { ClameurError, parseSite, shownAddress, type Site } from '../config/index.js';
import { readScene, type Scene } from '../feeds/index.js';
import { playScene } from '../simulate/index.js';
import { sendMicrophone } from './feed-microphone.js';
import { connectTo, refusals } from './nats-once.js';
import { printJson } from './output.js';

interface FeedFlags {
  to: string;
  speed: number;
  now?: boolean;
  site?: string;
  pole?: string;
  exercise?: boolean;
  seconds?: number;
  json?: boolean;
}

/** Frames before the first one leaves: time to connect and decode. */
const LEAD_MILLIS = 500;
const OPTIONS = { name: 'clameur feed', maxReconnectAttempts: -1 };

/** `clameur feed`: sends a recording or a scene to NATS as live sound. */
export function feedCommand(): Command {
  return new Command('feed')
    .description('Sends a recording, a scene folder or this computer’s microphone to NATS as live sound.')
    .argument(
      '<recording|scene|microphone>',
      'an audio file, a folder with scene.json, or the word microphone',
    )
    .requiredOption(
      '--to <url>',
      'the NATS server, such as nats://127.0.0.1:4222 or nats://user:password@host',
    )
    .option('--speed <times>', 'times real speed', parseSpeed, 1)
    .option('--now', 'as if it were heard now, instead of at its own time')
    .option('--site <file>', 'site.geojson to use instead of the scene’s own')
    .option('--pole <pole>', 'send only this pole; for a single recording: the pole it is sent as')
    .option('--exercise', 'send as exercise.<site>.<pole>: events say so, nothing mixes with live sound')
    .option('--seconds <s>', 'microphone: how long; default until Ctrl-C', Number)
    .option('--json', 'one line of JSON on standard output at the end, and nothing else there')
    .addHelpText(
      'after',
      '\nExample: clameur feed fixtures/demo --to nats://127.0.0.1:4222 --now\nA laptop as a pole: clameur feed microphone --to nats://127.0.0.1:4222 --site site.geojson --pole belges',
    )
    .action(feed);
}

async function feed(path: string, flags: FeedFlags): Promise<void> {
  if (path === 'microphone') return feedMicrophone(flags);
  const scene = choosePole(await readSound(path, flags), flags.pole);
  const connection = await connectTo(flags.to, OPTIONS);
  const refused = refusals(connection);
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  const bar =
    process.stderr.isTTY && !flags.json
      ? new SingleBar({
          format: 'sending {bar} {value}/{total} s',
          stream: process.stderr,
          clearOnComplete: true,
        })
      : undefined;
  bar?.start(1, 0);
  let seconds = 0;
  try {
    await playScene(connection, scene, {
      speed: flags.speed,
      signal: stop.signal,
      ...(flags.now && { startAtMillis: Date.now() + LEAD_MILLIS }),
      ...(flags.exercise && { prefix: 'exercise' as const }),
      onProgress: (sent, total) => {
        seconds = sent;
        bar?.setTotal(Math.ceil(total));
        bar?.update(Math.floor(sent));
      },
    });
  } finally {
    bar?.stop();
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    await connection.drain();
  }
  demandSent(flags.to, refused);
  const poles = scene.recordings.map(({ pole }) => pole);
  if (flags.json)
    printJson({ scene: scene.name, site: scene.site.site, poles, seconds, stopped: stop.signal.aborted });
  else
    process.stdout.write(
      `${scene.name}: ${seconds.toFixed(1)} s of ${poles.length} poles sent to ${shownAddress(flags.to)}.\n`,
    );
}

/** A laptop in a pole's stead: to try a site, or to listen where there is no pole yet. */
async function feedMicrophone({ to, site: file, pole, exercise, seconds, json }: FeedFlags): Promise<void> {
  if (file === undefined || pole === undefined) {
    const problem = 'a microphone needs --site and --pole: which pole it stands in for';
    throw new ClameurError('SCENE_INVALID', { file: 'microphone', problem });
  }
  const { site, poles } = await readSite(file);
  if (!poles.some((one) => one.pole === pole)) throw new ClameurError('POLE_UNKNOWN', { site, pole });
  const connection = await connectTo(to, OPTIONS);
  const refused = refusals(connection);
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  const timer = seconds === undefined ? undefined : setTimeout(interrupt, seconds * 1000);
  const subject = `${exercise ? 'exercise' : 'audio'}.${site}.${pole}`;
  if (!json) process.stderr.write(`sending this computer's microphone to ${subject}; Ctrl-C ends it\n`);
  try {
    const sent = await sendMicrophone(connection, subject, stop.signal);
    await connection.flush();
    demandSent(to, refused);
    if (json) printJson({ site, poles: [pole], seconds: sent, stopped: true });
    else process.stdout.write(`microphone: ${sent.toFixed(1)} s sent to ${shownAddress(to)}.\n`);
  } finally {
    clearTimeout(timer);
    await connection.drain();
  }
}

function demandSent(to: string, refused: ReadonlySet<string>): void {
  if (refused.size === 0) return;
  throw new ClameurError('NATS_REFUSED', {
    server: shownAddress(to),
    subjects: [...refused].sort().join(', '),
  });
}

/** A single file that is told its pole may have any name; else readScene finds the pole by it. */
async function readSound(path: string, { site, pole }: FeedFlags): Promise<Scene> {
  const alone =
    pole !== undefined && site !== undefined && (await stat(path).catch(() => undefined))?.isFile();
  if (!alone) return readScene(path, site === undefined ? {} : { site });
  const scene = await readScene(path);
  return { ...scene, site: await readSite(site) };
}

async function readSite(file: string): Promise<Site> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new ClameurError('SITE_INVALID', { file, problem: (cause as Error).message }, { cause });
  }
  return parseSite(json, file);
}

function choosePole(scene: Scene, name: string | undefined): Scene {
  if (name === undefined) return scene;
  const problem = (text: string) => new ClameurError('SCENE_INVALID', { file: scene.name, problem: text });
  const own = scene.recordings.filter(({ pole }) => pole === name);
  if (own.length > 0) return { ...scene, recordings: own };
  if (scene.recordings.length > 1) throw problem(`it has no recording of pole "${name}"`);
  if (scene.site.site !== 'local' && !scene.site.poles.some(({ pole }) => pole === name)) {
    throw problem(`pole "${name}" is not in the site ${scene.site.site}`);
  }
  return { ...scene, recordings: [{ ...scene.recordings[0], pole: name }] };
}

function parseSpeed(text: string): number {
  const speed = Number(text);
  if (!(speed > 0 && speed <= 1000)) throw new InvalidArgumentError('give a number from 0 to 1000');
  return speed;
}
