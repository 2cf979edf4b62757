import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { ROOT, waitFor } from '../support/service.js';
import { layOut, readDockerfile } from './image.js';

const { hadolint } = inject('tools');
const stages = await readDockerfile();
const last = stages.at(-1)!;

describe('the Dockerfile', () => {
  it.skipIf('missing' in hadolint)('is taken by hadolint', () => {
    const { status, stdout } = spawnSync((hadolint as { path: string }).path, ['Dockerfile'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    expect(status, stdout).toBe(0);
  });

  it('starts from an exact tag of Node 20, and ends without root', () => {
    for (const { image } of stages) expect(image).toMatch(/^node:20\.\d+\.\d+-bookworm-slim$/);
    expect(last.words['USER']).toBe('1000');
    expect(last.words['HEALTHCHECK']).toContain('/healthz');
  });

  it('copies only what .dockerignore lets through', async () => {
    const allowed = (await readFile(join(ROOT, '.dockerignore'), 'utf8'))
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    for (const { copies } of stages)
      for (const { from, sources } of copies)
        if (from === undefined) expect(allowed).toEqual(expect.arrayContaining(sources));
  });
});

describe('what the image holds', () => {
  let folder: string;
  let app: string;
  let nats: NatsServer;
  let service: ChildProcess;
  let port: string;
  const command = (part: string): string[] =>
    JSON.parse(last.words[part].replace(/^.*?CMD /, '')) as string[];
  const environment = (): NodeJS.ProcessEnv => ({
    ...process.env,
    NODE_ENV: 'production',
    CLAMEUR_NATS_SERVERS: nats.url,
    CLAMEUR_SITE: join(ROOT, 'fixtures/site.geojson'),
    CLAMEUR_DATA: join(folder, 'data'),
    CLAMEUR_HTTP_PORT: '0',
    CLAMEUR_EXERCISE: 'true',
  });
  const run = (args: readonly string[]): ChildProcess => {
    const [program, ...entry] = command('ENTRYPOINT');
    return spawn(program, [...entry, ...args], {
      cwd: app,
      env: environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  };
  const config = join(ROOT, 'fixtures/clameur.yaml');

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'clameur-image-'));
    app = await layOut(stages, folder);
    nats = await startNatsServer();
    const started = command('CMD').map((word) => (word.endsWith('.yaml') ? config : word));
    service = run(started);
    let log = '';
    service.stderr!.setEncoding('utf8').on('data', (text: string) => (log += text));
    await waitFor('the service to start', () => {
      if (service.exitCode !== null) throw new Error(log);
      return /"url":"[^"]+:(\d+)"/.test(log);
    });
    port = /"url":"[^"]+:(\d+)"/.exec(log)![1];
    await waitFor('it to be ready', async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).ok);
  }, 300_000);
  afterAll(async () => {
    service?.kill('SIGKILL');
    await nats?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('has no development files, and no native library of another system', () => {
    for (const name of ['typescript', 'vitest', 'eslint', 'pino-pretty'])
      expect(existsSync(join(app, 'node_modules', name)), name).toBe(false);
    expect(existsSync(join(app, 'node_modules/onnxruntime-node/bin/napi-v6/win32'))).toBe(false);
    expect(existsSync(join(app, 'models/ATTRIBUTIONS.md'))).toBe(true);
  });

  it('plays an exercise through the service that it runs (the command of helm test)', async () => {
    const exercise = run(['exercise', '--config', config]);
    let text = '';
    for (const stream of [exercise.stdout!, exercise.stderr!])
      stream.setEncoding('utf8').on('data', (part: string) => (text += part));
    const [code] = (await once(exercise, 'exit')) as [number];
    expect(code, text).toBe(0);
    expect(text).toContain('heard: gunshot');
  });

  it('has a health check that says healthy while the service runs, and not after; SIGTERM ends it with 0', async () => {
    const [program, ...args] = command('HEALTHCHECK').map((word) => word.replace(':8080/', `:${port}/`));
    const check = (): number | null => spawnSync(program, args).status;
    expect(check()).toBe(0);
    service.kill('SIGTERM');
    const [code] = (await once(service, 'exit')) as [number];
    expect(code).toBe(0);
    expect(check()).toBe(1);
  });
});
