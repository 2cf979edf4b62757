import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { SingleBar } from 'cli-progress';
import { Command, InvalidArgumentError } from 'commander';
import { ClameurError, parseSite, parseWeather, type SceneWeather } from '../config/index.js';
import {
  computeCoverage,
  coverageGeoJson,
  drawCoverage,
  isSourceKind,
  parseSceneSpec,
  SOURCE_KINDS,
  writeScene,
  type SceneSpec,
} from '../simulate/index.js';
import { printJson } from './output.js';

interface SimulateFlags {
  site: string;
  out: string;
  spec?: string;
  source?: string;
  at?: [number, number];
  shots?: number;
  automatic?: boolean;
  level?: number;
  seconds?: number;
  rate?: number;
  weather?: SceneWeather;
  noise?: number;
  clockError?: number;
  start?: string;
  seed: string;
  echoes: boolean;
  coverage?: boolean;
  json?: boolean;
}

const EXAMPLES = `
Examples:
  clameur simulate --site fixtures/site.geojson --source gunshot --shots 3 --at 5.3735,43.2947 --out /tmp/shots
  clameur replay /tmp/shots --check
  clameur simulate --coverage --site fixtures/site.geojson --level 140 --out /tmp/map

Poles record one channel, or one a microphone where the site gives several microphones.
Kinds of sources: ${SOURCE_KINDS.join(', ')}; or an audio file.`;

/** `clameur simulate`: a source at a place in a site → a scene; with --coverage, a map of what the site can hear. */
export function simulateCommand(): Command {
  return new Command('simulate')
    .description(
      'Makes a scene of any source at a place in a site, or a map of what the site hears and how well.',
    )
    .requiredOption('--site <file>', 'site.geojson')
    .requiredOption(
      '--out <path>',
      'folder to write the scene to; with --coverage, the maps’ name without ending',
    )
    .option('--source <kind|recording>', 'what sounds: a kind to synthesise, or an audio file')
    .option('--at <lon,lat>', 'where it sounds', parseAt)
    .option('--shots <n>', 'how many shots', parseCount)
    .option('--automatic', 'automatic fire')
    .option('--level <dB>', 'peak level of the source at 1 m, dB SPL', parseNumber)
    .option('--seconds <s>', 'length of the scene; default what the source needs', parseNumber)
    .option('--rate <Hz>', 'sample rate of the poles (default 16000)', parseNumber)
    .option(
      '--weather <key=value,…>',
      'temperatureC, relativeHumidity, windSpeed, windFromDegrees',
      parseWeatherFlag,
    )
    .option('--noise <dB>', 'background at the poles, dB SPL (default 48; maps: 55)', parseNumber)
    .option(
      '--clock-error <s>',
      '1σ of the poles’ clock errors, which their clocks state (default 0.0005)',
      parseNumber,
    )
    .option('--start <time>', 'UTC of the first sample, RFC 3339')
    .option('--seed <seed>', 'another seed, another town; the same seed, the same bytes', '1')
    .option('--no-echoes', 'free field: no façades, no reverberation')
    .option(
      '--spec <file>',
      'a scene of several sources, as in fixtures/scenes.json, instead of --source and --at',
    )
    .option('--coverage', 'a map (GeoJSON and PNG) of the expected error and of the poles that hear --level')
    .option('--json', 'one line of JSON on standard output, and nothing else there')
    .addHelpText('after', EXAMPLES)
    .action((flags: SimulateFlags) => (flags.coverage ? makeCoverage(flags) : makeScene(flags)));
}

async function makeScene(flags: SimulateFlags): Promise<void> {
  const siteJson = await readJson(flags.site, 'SITE_INVALID');
  const spec = flags.spec === undefined ? specFrom(flags) : await readSpec(flags.spec);
  const bar =
    process.stderr.isTTY && !flags.json
      ? new SingleBar({
          format: 'poles {bar} {value}/{total}',
          stream: process.stderr,
          clearOnComplete: true,
        })
      : undefined;
  bar?.start(1, 0);
  const simulation = await writeScene(spec, siteJson, flags.out, {
    onProgress: (done, total) => {
      bar?.setTotal(total);
      bar?.update(done);
    },
  }).finally(() => bar?.stop());
  const poles = simulation.poles.length;
  if (flags.json) {
    printJson({ scene: flags.out, name: spec.name, poles, seconds: spec.seconds, truth: simulation.truth() });
    return;
  }
  process.stdout.write(
    `${flags.out}: ${spec.name}; ${spec.seconds} s at ${poles} poles.\n` +
      `Next: clameur replay ${flags.out} --check\n`,
  );
}

async function makeCoverage(flags: SimulateFlags): Promise<void> {
  if (flags.level === undefined) {
    throw wrong('the map', '--level is missing: the source’s peak at 1 m (a pistol 156, a firecracker 130)');
  }
  const site = parseSite(await readJson(flags.site, 'SITE_INVALID'), flags.site);
  const coverage = computeCoverage(site, {
    levelDbSpl: flags.level,
    ...(flags.noise !== undefined && { backgroundDbSpl: flags.noise }),
    ...(flags.weather && { weather: flags.weather }),
    ...(flags.clockError !== undefined && { clockUncertaintySeconds: flags.clockError }),
  });
  const { backgroundDbSpl } = coverage.options;
  const title = `Site ${site.site}: source of ${flags.level} dB at 1 m, background ${backgroundDbSpl} dB`;
  const files = { geojson: `${flags.out}.geojson`, png: `${flags.out}.png` };
  await mkdir(dirname(flags.out), { recursive: true });
  await writeFile(files.geojson, `${JSON.stringify(coverageGeoJson(coverage))}\n`);
  await writeFile(files.png, drawCoverage(coverage, title));
  const cellKm2 = (coverage.cellMeters / 1000) ** 2;
  const area = (test: (cell: (typeof coverage.cells)[number]) => boolean) =>
    Number((coverage.cells.filter(test).length * cellKm2).toFixed(4));
  const summary = {
    ...files,
    heardKm2: area(({ polesHear }) => polesHear > 0),
    locatedKm2: area(({ errorMeters }) => errorMeters !== undefined),
    within25MetersKm2: area(({ errorMeters }) => (errorMeters ?? Infinity) <= 25),
  };
  if (flags.json) return printJson(summary);
  process.stdout.write(
    `${files.png}, ${files.geojson}\n` +
      `Heard by a pole: ${summary.heardKm2} km²; by enough of them to be placed: ${summary.locatedKm2} km²; ` +
      `to 25 m (95 %): ${summary.within25MetersKm2} km².\n`,
  );
}

/** How long what is no event lasts, and a crowd. */
const LASTING_SECONDS = 12;
const BEFORE_SECONDS = 2;
/** Travel over the site, echoes, and quiet in which an incident closes. */
const AFTER_SECONDS = 5;

function specFrom(flags: SimulateFlags): SceneSpec {
  const { source, at } = flags;
  if (source === undefined || at === undefined) {
    throw wrong('a scene', `${source === undefined ? '--source' : '--at'} is missing (or give --spec)`);
  }
  const kind = isSourceKind(source);
  if (!kind && !existsSync(source)) {
    throw wrong(`"${source}"`, `it is neither a file nor a kind of source (${SOURCE_KINDS.join(', ')})`);
  }
  const short = source === 'gunshot' || source === 'explosion';
  const sounds = short ? (flags.shots ?? 1) : LASTING_SECONDS;
  const seconds = flags.seconds ?? BEFORE_SECONDS + sounds + AFTER_SECONDS;
  return parseSceneSpec({
    name: `${kind ? source : basename(source)} at ${at.join(', ')}`,
    seed: flags.seed,
    start: flags.start ?? '2026-01-01T00:00:00Z',
    seconds,
    rateHz: flags.rate ?? 16_000,
    weather: flags.weather ?? {},
    ...(flags.noise !== undefined && { backgroundDbSpl: flags.noise }),
    ...(flags.clockError !== undefined && {
      clockErrorSeconds: flags.clockError,
      clockUncertaintySeconds: flags.clockError,
    }),
    echoes: flags.echoes,
    sources: [
      {
        ...(kind ? { kind: source } : { recording: source }),
        at,
        atSeconds: BEFORE_SECONDS,
        ...(flags.shots !== undefined && { shots: flags.shots }),
        ...(flags.automatic && { automatic: true }),
        ...(flags.level !== undefined && { peakDbSpl: flags.level }),
        ...(!short && kind && { seconds: Math.min(LASTING_SECONDS, seconds - BEFORE_SECONDS) }),
      },
    ],
  });
}

async function readSpec(file: string): Promise<SceneSpec> {
  return parseSceneSpec(await readJson(file, 'SCENE_INVALID'), file);
}

async function readJson(file: string, code: 'SITE_INVALID' | 'SCENE_INVALID'): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new ClameurError(code, { file, problem: 'the file cannot be read' }, { cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ClameurError(code, { file, problem: `is not JSON (${(cause as Error).message})` }, { cause });
  }
}

function wrong(what: string, problem: string): ClameurError {
  return new ClameurError('SIMULATION_INVALID', { what, problem });
}

function parseAt(text: string): [number, number] {
  const [lon, lat, ...rest] = text.split(',').map(Number);
  const good = rest.length === 0 && Math.abs(lon) <= 180 && Math.abs(lat) <= 90;
  if (!good) throw new InvalidArgumentError('give lon,lat in degrees, such as 5.3740,43.2951');
  return [lon, lat];
}

function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('give a number');
  return value;
}

function parseCount(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('give a whole number from 1');
  return value;
}

const WEATHER_KEYS = ['temperatureC', 'relativeHumidity', 'windSpeed', 'windFromDegrees'];

function parseWeatherFlag(text: string): SceneWeather {
  const pairs = text.split(',').map((pair) => pair.split('='));
  const unknown = pairs.find(([key]) => !WEATHER_KEYS.includes(key));
  const weather = parseWeather(Object.fromEntries(pairs.map(([key, value]) => [key, Number(value)])));
  if (unknown || !weather) {
    throw new InvalidArgumentError(
      `give some of ${WEATHER_KEYS.join('=…,')}=…, such as windSpeed=8,windFromDegrees=330`,
    );
  }
  return weather;
}
