import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect } from 'vitest';
import { eventId, type CloudEvent } from '../../src/publish/index.js';

const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
export const pause = (millis: number) => new Promise((resolve) => setTimeout(resolve, millis));

/** A temporary folder with the incidents' module in it, as plain Node can load it. */
export async function publishingFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'clameur-faults-'));
  const source = await readFile(file('../publish/incidents.ts'), 'utf8');
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022 },
  });
  await writeFile(join(folder, 'incidents.mjs'), outputText);
  return folder;
}

/** A process that publishes revisions without end; see publisher-child.mjs. */
export class Publishing {
  readonly process: ChildProcess;
  #text = '';
  #errors = '';

  constructor(folder: string, url: string, data: string, { first = 1, replicas = 1, paceMillis = 20 } = {}) {
    const args = [file('publisher-child.mjs'), join(folder, 'incidents.mjs'), url, data];
    this.process = spawn(process.execPath, [...args, ...[first, replicas, paceMillis].map(String)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const reap = (): void => void this.process.kill('SIGKILL');
    process.once('exit', reap);
    this.process.once('close', () => process.removeListener('exit', reap));
    this.process.stdout!.setEncoding('utf8').on('data', (more: string) => (this.#text += more));
    this.process.stderr!.setEncoding('utf8').on('data', (more: string) => (this.#errors += more));
  }

  /** What was not acknowledged when it ended in order; undefined where it did not. */
  get left(): number | undefined {
    const [, count] = /^left (\d+)$/m.exec(this.#text) ?? [];
    return count === undefined ? undefined : Number(count);
  }

  get errors(): string {
    return this.#errors;
  }

  /** The ids that it has said; the last line may be half written when it is killed. */
  said(): string[] {
    return this.#text
      .split('\n')
      .slice(1, -1)
      .filter((line) => /^[abc]\.[0-9a-f]{16}$/.test(line));
  }

  /** Ends it; gives what it said. SIGTERM lets it send what is left. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<string[]> {
    const closed = once(this.process, 'close');
    this.process.kill(signal);
    if (this.process.exitCode === null && this.process.signalCode === null) await closed;
    else await Promise.race([closed, pause(1000)]);
    return this.said();
  }
}

/** At least once, once after dedupe on id, in order of revision, with its content. */
export function expectNothingLost(made: readonly string[], got: readonly CloudEvent[], story: string): void {
  // The first of each id: what a hub that dedupes keeps.
  const byId = new Map<string, CloudEvent>();
  for (const event of got) if (!byId.has(event.id)) byId.set(event.id, event);
  expect(
    made.filter((id) => !byId.has(id)),
    `lost after: ${story}`,
  ).toEqual([]);
  const last = new Map<string, number>();
  const disorder: string[] = [];
  for (const { subject, data } of byId.values()) {
    if (data.revision <= (last.get(subject) ?? 0)) disorder.push(`${subject} ${data.revision}`);
    last.set(subject, data.revision);
  }
  expect(disorder, `out of order after: ${story}`).toEqual([]);
  for (const [id, { data }] of byId) expect(eventId(data), 'the content is that of the id').toBe(id);
}
