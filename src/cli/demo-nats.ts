import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:net';
import { ensurePackages, findNatsServer } from './debian.js';

export interface RunningNats {
  url: string;
  stop(): Promise<void>;
}

/** `NATS_URL` if set; else a nats-server of our own on a free port, installed from Debian where it is missing. */
export async function bringUpNats(log: (line: string) => void): Promise<RunningNats> {
  const url = process.env['NATS_URL'];
  if (url) {
    log(`using the NATS server of NATS_URL, ${url}`);
    return { url, stop: async () => {} };
  }
  ensurePackages(['nats-server'], log);
  const binary = findNatsServer()!;
  const store = mkdtempSync(join(tmpdir(), 'clameur-demo-nats-'));
  const port = await freePort();
  const child = spawn(binary, ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', store], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await listening(child);
  log(`started ${binary} on nats://127.0.0.1:${port}`);
  return {
    url: `nats://127.0.0.1:${port}`,
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
      rmSync(store, { recursive: true, force: true });
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function listening(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr!.on('data', (data: Buffer) => {
      said = (said + data.toString()).slice(-4000);
      if (said.includes('Server is ready')) resolve();
    });
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`nats-server ended at once: ${said}`)));
  });
}
