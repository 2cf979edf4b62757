import { readFile } from 'node:fs/promises';
import { ClameurError, parseSite, type Site } from '../config/index.js';

/** A site from its file. Throws SITE_INVALID. */
export async function readSite(file: string): Promise<Site> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new ClameurError('SITE_INVALID', { file, problem: cause.message }, { cause });
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    const problem = `is not JSON: ${(cause as Error).message}`;
    throw new ClameurError('SITE_INVALID', { file, problem }, { cause });
  }
  return parseSite(json, file);
}
