import { spawnSync } from 'node:child_process';
import { cp, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ROOT } from '../support/service.js';

interface Stage {
  image: string;
  name: string;
  copies: Array<{ from: string | undefined; sources: string[]; target: string }>;
  runs: string[];
  words: Record<string, string>;
}

/** The Dockerfile's stages: what each copies and runs, and its other instructions by name. */
export async function readDockerfile(): Promise<Stage[]> {
  const text = (await readFile(join(ROOT, 'Dockerfile'), 'utf8'))
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n/g, ' ');
  const stages: Stage[] = [];
  for (const line of text.split('\n').filter((one) => one.trim() !== '')) {
    const [, instruction, rest] = /^(\w+)\s+(.*)$/.exec(line)!;
    if (instruction === 'FROM') {
      const [image, , name = ''] = rest.split(' ');
      stages.push({ image, name, copies: [], runs: [], words: {} });
      continue;
    }
    const stage = stages.at(-1)!;
    if (instruction === 'RUN') stage.runs.push(rest);
    else if (instruction === 'COPY') {
      const [, from, paths] = /^(?:--from=(\w+) )?(.*)$/.exec(rest)!;
      const all = paths.split(' ');
      stage.copies.push({ from, sources: all.slice(0, -1), target: all.at(-1)! });
    } else stage.words[instruction] = rest;
  }
  return stages;
}

/** Lays the last stage's /app out in a folder: dependencies as the Dockerfile installs them, the rest as it copies it. */
export async function layOut(stages: readonly Stage[], folder: string): Promise<string> {
  const dependencies = stages.find(({ name }) => name === 'dependencies')!;
  const build = join(folder, 'dependencies');
  await copyAll(dependencies, build);
  for (const command of dependencies.runs) {
    const { status, stderr } = spawnSync('sh', ['-ec', command], { cwd: build, encoding: 'utf8' });
    if (status !== 0) throw new Error(`${command}\n${stderr}`);
  }
  const app = join(folder, 'app');
  await copyAll(stages.at(-1)!, app, { dependencies: build, build: ROOT });
  return app;
}

async function copyAll(
  stage: Stage,
  folder: string,
  stageFolders: Record<string, string> = {},
): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const { from, sources, target } of stage.copies)
    for (const pattern of sources) {
      const base = from === undefined ? ROOT : stageFolders[from];
      for (const source of expand(pattern.replace(/^\/build\//, ''), base)) {
        const into = target.endsWith('/')
          ? join(folder, target, source.split('/').at(-1)!)
          : join(folder, target);
        await mkdir(dirname(into), { recursive: true });
        await cp(join(base, source), into, { recursive: true });
      }
    }
}

/** The shell's wildcards, as Docker's. */
function expand(pattern: string, folder: string): string[] {
  const { status, stdout } = spawnSync('sh', ['-c', `ls -d ${pattern}`], { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`COPY ${pattern}: nothing is there`);
  return stdout.trim().split('\n');
}
