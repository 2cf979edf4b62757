import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The name of the outbox in a data folder, made once and kept there: whoever has its lock is the only one to bear it. */
export async function outboxName(dataFolder: string): Promise<string> {
  const file = join(dataFolder, 'outbox-name');
  const known = await readFile(file, 'utf8').catch(() => '');
  if (/^[0-9a-f-]{36}$/.test(known)) return known;
  const name = randomUUID();
  await writeFile(file, name);
  return name;
}
