import { createConnection, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Everything that left the service, by the way it took. */
export class Capture {
  readonly #channels = new Map<string, { atMillis: number; bytes: Buffer }[]>();
  readonly #files = new Map<string, { mark: string; bytes: Buffer }>();

  add(channel: string, bytes: Buffer | string): void {
    const list = this.#channels.get(channel) ?? [];
    this.#channels.set(channel, list);
    list.push({ atMillis: Date.now(), bytes: Buffer.from(bytes) });
  }

  /** Reads every file below `folder` that changed since the last time; what shrank or went is kept as it was. */
  async files(folder: string, label: string): Promise<void> {
    const names = await readdir(folder, { recursive: true }).catch(() => []);
    for (const name of names) {
      const path = join(folder, name);
      const found = await stat(path).catch(() => undefined);
      if (!found?.isFile()) continue;
      await this.#file(path, `${label}: ${name}`, `${found.size} ${found.mtimeMs} ${found.ino}`);
    }
  }

  /** Files outside of `known` folders that the process has open for writing, and addresses that it speaks to. */
  async openFiles(pid: number, known: readonly string[]): Promise<string[]> {
    const outside: string[] = [];
    const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
    for (const descriptor of descriptors) {
      const path = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
      if (!path.startsWith('/') || path.startsWith('/dev/') || path.startsWith('/proc/')) continue;
      const info = await readFile(`/proc/${pid}/fdinfo/${descriptor}`, 'utf8').catch(() => '');
      const flags = parseInt(/flags:\s*(\d+)/.exec(info)?.[1] ?? '0', 8);
      if ((flags & 3) === 0 || known.some((folder) => path.startsWith(folder))) continue;
      outside.push(path);
      const bytes = await readFile(`/proc/${pid}/fd/${descriptor}`).catch(() => undefined);
      if (bytes) this.#files.set(`open file ${path}`, { mark: '', bytes });
    }
    return outside;
  }

  /** Bytes of the channel between two times; all without them. */
  bytes(channel: string, fromMillis = 0, toMillis = Infinity): Buffer {
    const list = this.#channels.get(channel) ?? [];
    return Buffer.concat(
      list.filter(({ atMillis }) => atMillis >= fromMillis && atMillis < toMillis).map(({ bytes }) => bytes),
    );
  }

  *all(): Generator<[string, Buffer]> {
    for (const channel of this.#channels.keys()) yield [channel, this.bytes(channel)];
    for (const [name, { bytes }] of this.#files) yield [name, bytes];
  }

  async #file(path: string, name: string, mark: string): Promise<void> {
    const before = this.#files.get(name);
    if (before?.mark === mark) return;
    const bytes = await readFile(path).catch(() => undefined);
    if (!bytes) return;
    if (before && !bytes.subarray(0, before.bytes.length).equals(before.bytes))
      this.#files.set(`${name}, as it was`, before);
    this.#files.set(name, { mark, bytes });
  }
}

/** A way through to `port` that keeps all bytes of the client, and lets the server's pass unseen. */
export async function listenIn(
  port: number,
  keep: (bytes: Buffer) => void,
): Promise<{ port: number; close: () => void }> {
  const open = new Set<Socket>();
  const server: Server = createServer((client) => {
    const upstream = createConnection(port, '127.0.0.1');
    for (const one of [client, upstream]) {
      open.add(one);
      one
        .on('error', () => undefined)
        .on('close', () => (client.destroy(), upstream.destroy(), open.delete(one)));
    }
    client.on('data', keep);
    client.pipe(upstream);
    upstream.pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close();
      for (const one of open) one.destroy();
    },
  };
}

/** Remote ports of the process's TCP and UDP sockets, by /proc/net; a socket that nobody hears has none. */
export async function peers(pid: number): Promise<{ protocol: string; local: number; remote: number }[]> {
  const own = new Set<string>();
  for (const descriptor of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
    const inode = /^socket:\[(\d+)\]$/.exec(
      await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => ''),
    )?.[1];
    if (inode) own.add(inode);
  }
  const found = [];
  for (const protocol of ['tcp', 'tcp6', 'udp', 'udp6']) {
    const text = await readFile(`/proc/${pid}/net/${protocol}`, 'utf8').catch(() => '');
    for (const line of text.split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/);
      if (!own.has(fields[9])) continue;
      const portOf = (address: string) => parseInt(address.split(':').at(-1)!, 16);
      found.push({ protocol, local: portOf(fields[1]), remote: portOf(fields[2]) });
    }
  }
  return found;
}
