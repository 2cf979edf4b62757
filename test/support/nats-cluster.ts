import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type JetStreamManager } from 'nats';
import { Link, type LinkState } from '../faults/link.js';

const SERVERS = 3;
/** Where nobody listens: servers tell each other of themselves, and must find no way round a cut link. */
const NOWHERE = '127.0.0.1:1';

interface Member {
  port: number;
  conf: string;
  child: ChildProcess;
}

/**
 * Three real nats-servers, one JetStream cluster, each in the others' reach by links that can be cut: of any two the
 * first dials the second through a link, and there is no other way.
 */
export class NatsCluster {
  readonly #members: Member[] = [];
  readonly #links = new Map<string, Link>();
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async start(): Promise<NatsCluster> {
    const cluster = new NatsCluster(await mkdtemp(join(tmpdir(), 'clameur-cluster-')));
    const ports = await freePorts(2 * SERVERS);
    for (let i = 0; i < SERVERS; i++)
      for (let j = i + 1; j < SERVERS; j++)
        cluster.#links.set(`${i} ${j}`, await Link.open(ports[SERVERS + j]));
    for (let i = 0; i < SERVERS; i++) {
      const store = join(cluster.#folder, `s${i}`);
      await mkdir(store);
      // A server without any route would run alone; where the other one dials, this one's own route leads nowhere.
      const routes = ports
        .slice(0, SERVERS)
        .flatMap((_, j) =>
          j === i ? [] : `"${cluster.#links.get(`${i} ${j}`)?.url ?? `nats://${NOWHERE}`}"`,
        );
      const conf = join(cluster.#folder, `s${i}.conf`);
      await writeFile(
        conf,
        `server_name: s${i}
listen: 127.0.0.1:${ports[i]}
jetstream { store_dir: "${store}", max_memory_store: 300MB, max_file_store: 200MB }
cluster { name: clameur, listen: 127.0.0.1:${ports[SERVERS + i]}, advertise: "${NOWHERE}", no_advertise: true
  routes: [${routes.join(', ')}] }\n`,
      );
      cluster.#members.push({ port: ports[i], conf, child: launch(conf) });
    }
    return cluster;
  }

  url(server: number): string {
    return `nats://127.0.0.1:${this.#members[server].port}`;
  }

  pid(server: number): number {
    return this.#members[server].child.pid!;
  }

  /** What lies between that server and each of the others. */
  around(server: number, state: LinkState): void {
    for (const [name, link] of this.#links) if (name.split(' ').includes(String(server))) link.set(state);
  }

  async kill(server: number): Promise<void> {
    const { child } = this.#members[server];
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }

  restart(server: number): void {
    this.#members[server].child = launch(this.#members[server].conf);
  }

  /** Resolves once JetStream answers at every server, which takes a leader that the majority chose. */
  async ready(seconds: number): Promise<void> {
    const end = Date.now() + seconds * 1000;
    for (let server = 0; server < SERVERS; server++) {
      while (!(await this.#answers(server))) {
        if (Date.now() > end)
          throw new Error(`JetStream at server ${server} is not there after ${seconds} s`);
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  }

  async close(): Promise<void> {
    for (let server = 0; server < SERVERS; server++) await this.kill(server);
    for (const link of this.#links.values()) link.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** How many messages a stream holds, asked at that server. */
  messages(server: number, stream: string): Promise<number> {
    return this.#ask(server, async (manager) => (await manager.streams.info(stream)).state.messages);
  }

  #answers(server: number): Promise<boolean> {
    return this.#ask(server, async (manager) => {
      await manager.streams.names().next();
      return true;
    }).catch(() => false);
  }

  async #ask<T>(server: number, question: (manager: JetStreamManager) => Promise<T>): Promise<T> {
    const nc = await connect({ servers: this.url(server), reconnect: false, timeout: 1000 });
    try {
      return await question(await nc.jetstreamManager({ timeout: 2000 }));
    } finally {
      await nc.close();
    }
  }
}

function launch(conf: string): ChildProcess {
  const child = spawn(process.env['NATS_SERVER_BIN'] ?? 'nats-server', ['-c', conf], { stdio: 'ignore' });
  const reap = (): void => void child.kill('SIGKILL');
  process.once('exit', reap);
  child.once('exit', () => process.removeListener('exit', reap));
  return child;
}

/** Held all at once, so that no two are the same. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
