import { readFile, stat } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import type { Nanos } from '../audio/index.js';
import {
  ClameurError,
  parseScene,
  parseSite,
  TOKEN,
  type ErrorCode,
  type Pole,
  type SceneDescription,
  type SceneRecording,
  type Site,
} from '../config/index.js';

/** A scene ready to be played. `recordings[].file` are paths that can be opened. */
export interface Scene extends SceneDescription {
  site: Site;
}

export interface ReadSceneOptions {
  /** A site.geojson to use instead of the scene's own. */
  site?: string;
  /** A single file: UTC of its first sample; default 1970-01-01. */
  startNanos?: Nanos;
}

/** Reads a scene folder, or a single audio file as a scene of one pole. Opens no audio. */
export async function readScene(path: string, options: ReadSceneOptions = {}): Promise<Scene> {
  const info = await stat(path).catch((cause: unknown) => {
    throw new ClameurError(
      'SCENE_INVALID',
      { file: path, problem: 'there is no such file or folder' },
      { cause },
    );
  });
  return info.isDirectory() ? readFolder(path, options) : singleFile(path, options);
}

async function readFolder(folder: string, options: ReadSceneOptions): Promise<Scene> {
  const file = join(folder, 'scene.json');
  const scene = parseScene(await readJson(file, 'SCENE_INVALID'), file);
  const siteFile = options.site ?? join(folder, 'site.geojson');
  const site = parseSite(await readJson(siteFile, 'SITE_INVALID'), siteFile);
  const poles = new Map(site.poles.map((pole) => [pole.pole, pole]));
  const recordings: SceneRecording[] = [];
  for (const recording of scene.recordings) {
    const problem = poleProblem(recording.pole, poles.get(recording.pole), siteFile);
    if (problem) throw new ClameurError('SCENE_INVALID', { file, problem });
    const audio = resolve(folder, recording.file);
    const found = await stat(audio).catch(() => undefined);
    if (!found?.isFile()) {
      throw new ClameurError('SCENE_INVALID', {
        file,
        problem: `the recording of pole "${recording.pole}", ${recording.file}, is not there`,
      });
    }
    recordings.push({ ...recording, file: audio });
  }
  return { ...scene, name: scene.name === file ? basename(resolve(folder)) : scene.name, site, recordings };
}

/**
 * A scene out of files that lie on no disk, by their paths within it: scene.json, site.geojson and recordings, or one
 * recording alone. Nothing is read from this machine, whatever the paths in scene.json say.
 */
export function sceneOfFiles(files: ReadonlyMap<string, Uint8Array>): Scene {
  const file = [...files.keys()].find((path) => basename(path) === 'scene.json');
  if (file === undefined) return aloneInMemory(files);
  const folder = file.slice(0, -'scene.json'.length);
  const scene = parseScene(jsonOf(files, file, 'SCENE_INVALID'), file);
  const siteFile = `${folder}site.geojson`;
  const site = parseSite(jsonOf(files, siteFile, 'SITE_INVALID'), siteFile);
  const poles = new Map(site.poles.map((pole) => [pole.pole, pole]));
  const recordings = scene.recordings.map((recording): SceneRecording => {
    const bytes = files.get(folder + recording.file);
    const problem =
      poleProblem(recording.pole, poles.get(recording.pole), siteFile) ??
      (bytes ? undefined : `the recording of pole "${recording.pole}", ${recording.file}, is not there`);
    if (problem) throw new ClameurError('SCENE_INVALID', { file, problem });
    return { ...recording, bytes: bytes! };
  });
  return { ...scene, name: scene.name === file ? basename(folder) || 'scene' : scene.name, site, recordings };
}

function aloneInMemory(files: ReadonlyMap<string, Uint8Array>): Scene {
  const [[path, bytes] = ['', new Uint8Array()]] = files;
  if (files.size !== 1) {
    const problem = `of ${files.size} files none is called scene.json, so that nothing tells which pole each is from and when it began`;
    throw new ClameurError('SCENE_INVALID', { file: 'the upload', problem });
  }
  const site = localSite(path);
  const [{ pole }] = site.poles;
  return {
    name: basename(path),
    site,
    recordings: [{ pole, file: basename(path), startNanos: 0n, bytes }],
    truth: [],
  };
}

function jsonOf(
  files: ReadonlyMap<string, Uint8Array>,
  file: string,
  code: ErrorCode & ('SCENE_INVALID' | 'SITE_INVALID'),
): unknown {
  const bytes = files.get(file);
  if (!bytes) throw new ClameurError(code, { file, problem: 'the file is not there' });
  return parseJson(new TextDecoder().decode(bytes), file, code);
}

function poleProblem(name: string, pole: Pole | undefined, siteFile: string): string | undefined {
  if (!pole) return `pole "${name}" is not in ${siteFile}; add it there, or mend its name`;
  if (!pole.recorded) return `pole "${name}" has a recording, but ${siteFile} says "recorded": false`;
  return undefined;
}

async function singleFile(path: string, options: ReadSceneOptions): Promise<Scene> {
  const site = options.site === undefined ? localSite(path) : await siteFor(options.site);
  return {
    name: basename(path),
    site,
    recordings: [
      { pole: poleOf(site, path, options.site), file: resolve(path), startNanos: options.startNanos ?? 0n },
    ],
    truth: [],
  };
}

async function siteFor(siteFile: string): Promise<Site> {
  return parseSite(await readJson(siteFile, 'SITE_INVALID'), siteFile);
}

/** One pole at an unknown place: an infinite uncertainty keeps anyone from making a point of its [0, 0]. */
function localSite(path: string): Site {
  const name = basename(path, extname(path));
  const pole = TOKEN.test(name) ? name : 'pole';
  return {
    site: 'local',
    poles: [
      { pole, position: [0, 0], altitudeMeters: 0, recorded: true, positionUncertaintyMeters: Infinity },
    ],
  };
}

/** The pole that a single file belongs to: the one of its name, else the site's only one. */
function poleOf(site: Site, path: string, siteFile: string | undefined): string {
  const name = basename(path, extname(path));
  const own = site.poles.find(({ pole }) => pole === name);
  if (own) return own.pole;
  if (site.poles.length === 1) return site.poles[0].pole;
  throw new ClameurError('SCENE_INVALID', {
    file: path,
    problem: `${siteFile} has ${site.poles.length} poles and none is called "${name}"; name the file after its pole`,
  });
}

async function readJson(
  file: string,
  code: ErrorCode & ('SCENE_INVALID' | 'SITE_INVALID'),
): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new ClameurError(code, { file, problem: 'the file cannot be read' }, { cause });
  }
  return parseJson(text, file, code);
}

function parseJson(text: string, file: string, code: ErrorCode & ('SCENE_INVALID' | 'SITE_INVALID')) {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new ClameurError(code, { file, problem: `is not JSON (${(cause as Error).message})` }, { cause });
  }
}
