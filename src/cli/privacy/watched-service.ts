import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { ClameurError } from '../../config/index.js';
import { tokenDigest } from '../../server/index.js';
import { Capture, listenIn, peers } from './capture.js';

const MAIN = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const READY_MILLIS = 60_000;
/** Everything that the REST interface and the page show. */
const PATHS = [
  '/',
  '/readyz',
  '/api/v1/status',
  '/api/v1/incidents',
  '/api/v1/poles',
  '/api/v1/site',
  '/metrics',
];

/** The real service in a process of its own, whose every way out is kept. */
export class WatchedService {
  readonly capture = new Capture();
  /** What was found where nothing may be: files outside of its folder, sockets to nobody known. */
  readonly strays = new Set<string>();
  readonly child: ChildProcess;
  readonly #folder: string;
  readonly #token: string;
  readonly #natsPort: number;
  readonly #closeProxy: () => void;
  #url = '';

  private constructor(
    child: ChildProcess,
    folder: string,
    token: string,
    proxy: { port: number; close: () => void },
  ) {
    this.child = child;
    this.#folder = folder;
    this.#token = token;
    this.#natsPort = proxy.port;
    this.#closeProxy = proxy.close;
    child.stderr!.on('data', (bytes: Buffer) => {
      this.capture.add('log', bytes);
      this.#url ||= /"url":"([^"]+)"/.exec(this.capture.bytes('log').toString())?.[1] ?? '';
    });
    child.stdout!.on('data', (bytes: Buffer) => this.capture.add('standard output', bytes));
  }

  /** `nodeArguments`: of its process, such as a module that leaks, to see that it is found. */
  static async start(
    folder: string,
    site: string,
    natsPort: number,
    nodeArguments: readonly string[],
  ): Promise<WatchedService> {
    const captured: Buffer[] = [];
    let keep = (bytes: Buffer): void => void captured.push(bytes);
    const proxy = await listenIn(natsPort, (bytes) => keep(bytes));
    const home = join(folder, 'home');
    await mkdir(home, { recursive: true });
    const token = `clm_${randomBytes(32).toString('base64url')}`;
    const sha256 = tokenDigest(token).toString('hex');
    await writeFile(
      join(folder, 'tokens.yaml'),
      `- { name: witness, role: technician, sha256: ${sha256} }\n`,
    );
    const config = join(folder, 'clameur.yaml');
    const log = { level: 'trace' };
    const http = { port: 0, tokens: join(folder, 'tokens.yaml'), requestsPerMinute: 100_000 };
    const nats = { servers: `nats://127.0.0.1:${proxy.port}` };
    await writeFile(config, stringify({ site, data: join(home, 'data'), nats, http, log }));
    const child = spawn(process.execPath, [...nodeArguments, MAIN, 'serve', '--config', config], {
      cwd: home,
      env: { ...process.env, HOME: home, TMPDIR: home, TMP: home, TEMP: home },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const service = new WatchedService(child, folder, token, proxy);
    for (const bytes of captured) service.capture.add('NATS', bytes);
    keep = (bytes) => service.capture.add('NATS', bytes);
    const reap = (): void => void child.kill('SIGKILL');
    process.once('exit', reap);
    child.once('exit', () => process.removeListener('exit', reap));
    return service;
  }

  async ready(): Promise<void> {
    for (const end = Date.now() + READY_MILLIS; Date.now() < end; await sleep(100)) {
      if (this.child.exitCode !== null) break;
      if (this.#url && (await fetch(`${this.#url}/readyz`).catch(() => undefined))?.ok) return;
    }
    const problem = `the service did not get ready: ${this.capture.bytes('log').toString().slice(-1500)}`;
    throw new ClameurError('BENCH_FAILED', { problem });
  }

  async metrics(): Promise<Map<string, number>> {
    const text = await this.#get('/metrics');
    return new Map([...text.matchAll(/^([^#\s]+) (\S+)$/gm)].map(([, name, value]) => [name, Number(value)]));
  }

  /** Looks at all files, sockets and pages. */
  async look(poles: readonly string[]): Promise<void> {
    for (const path of [...PATHS, ...poles.map((pole) => `/api/v1/poles/${pole}/levels`)])
      await this.#get(path);
    await this.files();
    const pid = this.child.pid!;
    for (const file of await this.capture.openFiles(pid, [this.#folder])) this.strays.add(`file ${file}`);
    const httpPort = Number(new URL(this.#url).port);
    for (const { protocol, local, remote } of await peers(pid)) {
      if (local !== httpPort && remote !== this.#natsPort)
        this.strays.add(`${protocol} ${local} to ${remote}`);
    }
  }

  async files(): Promise<void> {
    await this.capture.files(join(this.#folder, 'home'), 'file of the service');
    await this.capture.files(join(this.#folder, 'nats'), 'JetStream');
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const ended = new Promise((resolve) => this.child.once('exit', resolve));
      this.child.kill('SIGTERM');
      await ended;
    }
    this.#closeProxy();
  }

  async #get(path: string): Promise<string> {
    const headers = { authorization: `Bearer ${this.#token}` };
    const text = await fetch(`${this.#url}${path}`, { headers }).then(
      (answer) => answer.text(),
      () => '',
    );
    this.capture.add(`HTTP ${path}`, text);
    return text;
  }
}

export function sleep(millis: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, millis));
}
