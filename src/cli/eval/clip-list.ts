import { readFile, stat } from 'node:fs/promises';
import { dirname, relative, resolve, sep } from 'node:path';
import { ClameurError } from '../../config/index.js';
import { recordingsBelow } from '../mono.js';

export const ALERT_CLASSES = ['gunshot', 'explosion', 'crowd_clamour'] as const;
export type AlertClass = (typeof ALERT_CLASSES)[number];

/** What must never alert: reasons. As folder names or classes of a manifest they mean `negative` with that label. */
export const CONFUSERS = [
  ...['fireworks', 'thunder', 'door', 'hammer', 'nail_gun', 'jackhammer', 'backfire', 'bag_pop', 'glass'],
  ...['engine', 'traffic', 'helicopter', 'siren', 'horn', 'bell', 'dog', 'bird', 'animal', 'speech', 'shout'],
  ...['laugh', 'applause', 'music', 'drum', 'rain', 'wind', 'water', 'footsteps', 'background', 'other'],
] as const;

/** A recording that holds one thing. */
export interface Clip {
  file: string;
  class: AlertClass | 'negative';
  /** Of a negative: what it is. */
  confuser?: string;
  /** What belongs together: one recording session, one package. */
  group: string;
  distanceMeters?: number;
  snrDb?: number;
}

const COLUMNS = ['path', 'class', 'confuser', 'group', 'distance', 'snr'];

/**
 * Clips of a folder `<class>/…` (a class is an alert class, `negative/<label>`, or a confuser), or of a manifest: a TSV
 * whose first line names the columns path and class, and if wanted confuser, group, distance (m), snr (dB). Paths are
 * relative to the manifest. Throws EVAL_INVALID.
 */
export async function readClips(path: string): Promise<Clip[]> {
  const info = await stat(path).catch((cause: unknown) => {
    throw invalid(path, 'there is no such folder or manifest', 'Check the name', cause);
  });
  const clips = info.isDirectory()
    ? await folderClips(path)
    : manifestClips(path, await readFile(path, 'utf8'));
  if (clips.length === 0)
    throw invalid(
      path,
      'there are no clips in it',
      `Give a folder of ${ALERT_CLASSES.join('/, ')}/, negative/<label>/ with WAV, FLAC, Ogg or MP3 files, or a TSV`,
    );
  return clips;
}

async function folderClips(folder: string): Promise<Clip[]> {
  return (await recordingsBelow(folder)).map((file) => {
    const parts = relative(folder, file).split(sep);
    if (parts.length < 2) throw unknownClass(file, 'it lies in no class folder');
    const own = classOf(parts[0], parts[0] === 'negative' && parts.length > 2 ? parts[1] : undefined, file);
    const below = parts.slice(own.confuser !== undefined && parts[0] === 'negative' ? 2 : 1, -1).join('/');
    return { file, ...own, group: below === '' ? file : `${parts[0]}/${below}` };
  });
}

function manifestClips(path: string, text: string): Clip[] {
  const [head = '', ...lines] = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const columns = head.split('\t').map((name) => name.trim().toLowerCase());
  const unknown = columns.find((name) => !COLUMNS.includes(name));
  if (!columns.includes('path') || !columns.includes('class') || unknown !== undefined)
    throw invalid(
      path,
      `its first line is "${head.slice(0, 80)}"`,
      `Name the columns in it, separated by tabs: path and class, and if wanted ${COLUMNS.slice(2).join(', ')}`,
    );
  return lines.map((line, i) => {
    const cells = line.split('\t');
    const cell = (name: string): string | undefined => cells[columns.indexOf(name)]?.trim() || undefined;
    const where = `${path}, line ${i + 2}`;
    const file = cell('path');
    if (file === undefined) throw invalid(where, 'the path is empty', 'Fill it in');
    const absolute = resolve(dirname(path), file);
    return {
      file: absolute,
      ...classOf(cell('class') ?? '', cell('confuser'), where),
      group: cell('group') ?? absolute,
      ...numberOf('distanceMeters', cell('distance'), where),
      ...numberOf('snrDb', cell('snr'), where),
    };
  });
}

function classOf(
  name: string,
  confuser: string | undefined,
  where: string,
): Pick<Clip, 'class' | 'confuser'> {
  if ((ALERT_CLASSES as readonly string[]).includes(name)) return { class: name as AlertClass };
  if (name === 'negative') return { class: 'negative', confuser: confuser ?? 'other' };
  if ((CONFUSERS as readonly string[]).includes(name))
    return { class: 'negative', confuser: confuser ?? name };
  throw unknownClass(where, `class "${name}" is unknown`);
}

function numberOf<K extends string>(key: K, text: string | undefined, where: string): { [P in K]?: number } {
  if (text === undefined) return {};
  const value = Number(text);
  if (!Number.isFinite(value))
    throw invalid(where, `"${text}" is no number`, 'Give metres and decibels as plain numbers');
  return { [key]: value } as { [P in K]?: number };
}

function unknownClass(where: string, problem: string): ClameurError {
  return invalid(
    where,
    problem,
    `Classes are ${ALERT_CLASSES.join(', ')}, negative, and the confusers ${CONFUSERS.join(', ')}`,
  );
}

export function invalid(what: string, problem: string, mend: string, cause?: unknown): ClameurError {
  return new ClameurError('EVAL_INVALID', { what, problem, mend: `${mend}.` }, { cause });
}
