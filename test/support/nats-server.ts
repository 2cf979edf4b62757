import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A real nats-server on a free port of 127.0.0.1, with JetStream in a temporary folder of its own. */
export interface NatsServer {
  /** Stays the same through kill() and restart(). */
  readonly url: string;
  readonly port: number;
  readonly pid: number | undefined;
  /** SIGTERM, and waits for the end; the JetStream folder stays, so restart() finds what was stored. */
  stop(): Promise<void>;
  /** SIGKILL, as a crash of the machine would. */
  kill(): Promise<void>;
  /** Starts it again on the same port and folder (stops it first where it runs). */
  restart(): Promise<void>;
  /** Ends it for good and removes its folder: call it in afterAll. */
  close(): Promise<void>;
}

const START_TIMEOUT_MS = 20_000;

async function launch(port: number, storeDir: string, args: readonly string[]) {
  const child = spawn(
    process.env['NATS_SERVER_BIN'] ?? 'nats-server',
    ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', storeDir, ...args],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  const boundPort = await new Promise<number>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`nats-server did not get ready:\n${log}`));
    }, START_TIMEOUT_MS);
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      log += text;
      const client = /Listening for client connections on [^\s]*:(\d+)/.exec(log);
      if (client && log.includes('Server is ready')) {
        clearTimeout(timer);
        // Read on, or a full pipe would block the server; its text is wanted no more.
        child.stderr.removeAllListeners('data').resume();
        resolve(Number(client[1]));
      }
    });
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(new Error('nats-server could not be started: apt-get install nats-server', { cause: error }));
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`nats-server ended with ${code}:\n${log}`));
    });
  });
  return { child, boundPort };
}

async function end(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}

/** `args` are added to the server's command line, e.g. `['-c', file]`. */
export async function startNatsServer(args: readonly string[] = []): Promise<NatsServer> {
  const storeDir = await mkdtemp(join(tmpdir(), 'clameur-nats-'));
  let { child, boundPort: port } = await launch(-1, storeDir, args);
  // A test run that dies must not leave servers behind.
  const reap = () => child.kill('SIGKILL');
  process.once('exit', reap);
  return {
    url: `nats://127.0.0.1:${port}`,
    port,
    get pid() {
      return child.pid;
    },
    stop: () => end(child, 'SIGTERM'),
    kill: () => end(child, 'SIGKILL'),
    async restart() {
      await end(child, 'SIGTERM');
      ({ child, boundPort: port } = await launch(port, storeDir, args));
    },
    async close() {
      await end(child, 'SIGKILL');
      process.removeListener('exit', reap);
      await rm(storeDir, { recursive: true, force: true });
    },
  };
}
