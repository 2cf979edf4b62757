import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const CLI = join(ROOT, 'dist/cli/main.js');

export interface CommandResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the built `clameur` as a user would, to its end. */
export async function clameur(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<CommandResult> {
  const child = spawn(process.execPath, [CLI, ...args], { cwd: ROOT, env: { ...process.env, ...env } });
  const result: CommandResult = { code: null, stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (result.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (result.stderr += text));
  [result.code] = (await once(child, 'close')) as [number | null];
  return result;
}

/** A running `clameur serve` in a process of its own. */
export interface RunningService {
  url: string;
  child: ChildProcess;
  dataFolder: string;
  log(): string;
  /** Resolves when /readyz says ready (or not ready, with `false`). */
  ready(wanted?: boolean): Promise<void>;
  /** SIGTERM; gives the exit code. */
  stop(): Promise<number | null>;
  kill(): Promise<void>;
  /** Ends it and removes its data. */
  close(): Promise<void>;
}

/** `dataFolder`: one of an earlier service, to go on with its outbox. */
export async function startService(
  natsUrl: string,
  {
    config = join(ROOT, 'fixtures/clameur.yaml'),
    env = {},
    dataFolder = '',
    role = 'both',
  }: { config?: string; env?: Record<string, string>; dataFolder?: string; role?: string } = {},
): Promise<RunningService> {
  const data = dataFolder || (await mkdtemp(join(tmpdir(), 'clameur-service-')));
  const child = spawn(process.execPath, [CLI, 'serve', '--config', config, '--role', role], {
    cwd: ROOT,
    env: {
      ...process.env,
      CLAMEUR_NATS_SERVERS: natsUrl,
      CLAMEUR_HTTP_PORT: '0',
      CLAMEUR_DATA: data,
      ...env,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const reap = (): void => void child.kill('SIGKILL');
  process.once('exit', reap);
  let log = '';
  const url = await new Promise<string>((resolve, reject) => {
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      log += text;
      const started = /"url":"([^"]+)"/.exec(log);
      if (started) resolve(started[1]);
    });
    child.once('exit', (code) => reject(new Error(`the service ended with ${code}:\n${log}`)));
  });
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    process.removeListener('exit', reap);
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const exited = once(child, 'exit') as Promise<[number | null]>;
    child.kill(signal);
    return (await exited)[0];
  };
  return {
    url,
    child,
    dataFolder: data,
    log: () => log,
    ready: (wanted = true) =>
      waitFor(`/readyz to be ${wanted}`, async () => (await fetch(`${url}/readyz`)).ok === wanted),
    stop: () => end('SIGTERM'),
    kill: async () => void (await end('SIGKILL')),
    close: async () => {
      await end('SIGKILL');
      await rm(data, { recursive: true, force: true });
    },
  };
}

/** Waits until `done` holds; fails with `what` after `seconds`. */
export async function waitFor(
  what: string,
  done: () => boolean | Promise<boolean>,
  seconds = 30,
): Promise<void> {
  for (
    const end = Date.now() + seconds * 1000;
    Date.now() < end;
    await new Promise((r) => setTimeout(r, 50))
  ) {
    if (await done()) return;
  }
  throw new Error(`waited ${seconds} s in vain for ${what}`);
}
