import { readdir, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ClameurError } from '../config/index.js';
import { readScene, type ReadSceneOptions, type Scene } from '../feeds/index.js';
import type { Classifier, Model } from '../listen/index.js';
import { reportHtml, type ReplayReport } from '../server/index.js';
import { reportScene } from './report-scene.js';

/** Of one scene; of many each gets less, or the file would grow past what a mail takes. */
const COLUMNS = 1200;
const COLUMNS_OF_MANY = 300;

/** The scenes that a path means: a recording, a scene folder, or the scene folders in a folder that can be read. */
export async function scenesOf(
  path: string,
  options: ReadSceneOptions,
  onUnreadable: (error: unknown) => void,
): Promise<Scene[]> {
  const info = await stat(path).catch(() => undefined);
  const isFolderOfScenes = info?.isDirectory() && !(await exists(join(path, 'scene.json')));
  if (!isFolderOfScenes) return [await readScene(path, options)];
  const names = (await readdir(path)).sort();
  const scenes: Scene[] = [];
  for (const name of names) {
    const folder = join(path, name);
    if (!(await exists(join(folder, 'scene.json')))) continue;
    try {
      scenes.push({ ...(await readScene(folder, options)), name });
    } catch (error) {
      onUnreadable(error);
    }
  }
  if (scenes.length > 0) return scenes;
  const problem = 'neither it nor a folder in it has a scene.json';
  throw new ClameurError('SCENE_INVALID', { file: path, problem });
}

/** Plays every scene and writes one HTML file about them; one that cannot be played stops no other. */
export async function writeReport(
  scenes: readonly Scene[],
  file: string,
  classifier: Classifier,
  {
    model,
    onScene,
    onUnreadable,
  }: {
    model: Model;
    onScene?: (name: string, index: number) => void;
    onUnreadable: (error: unknown) => void;
  },
): Promise<ReplayReport[]> {
  const columns = scenes.length === 1 ? COLUMNS : COLUMNS_OF_MANY;
  const reports: ReplayReport[] = [];
  for (const [index, scene] of scenes.entries()) {
    onScene?.(scene.name, index);
    await reportScene(scene, classifier, { model, columns }).then(
      (report) => reports.push(report),
      onUnreadable,
    );
  }
  await writeFile(file, await reportHtml(reports)).catch((cause: Error) => {
    throw new ClameurError('REPORT_UNWRITABLE', { file, problem: cause.message }, { cause });
  });
  return reports;
}

/** One line a scene, for who does not open the file at once. */
export function summaryLines(reports: readonly ReplayReport[]): string {
  return reports
    .map(({ name, check, events, failures }) => {
      const incidents = new Set(events.map(({ event }) => event.data.incidentId)).size;
      const said = check ? (check.ok ? 'as expected' : 'DIFFERS from its truth') : 'no truth to compare with';
      const broken = failures.length > 0 ? `, ${failures.length} recordings could not be read` : '';
      return `${basename(name)}: ${incidents} incident${incidents === 1 ? '' : 's'}, ${said}${broken}\n`;
    })
    .join('');
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
