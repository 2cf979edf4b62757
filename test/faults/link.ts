import { createConnection, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export type LinkState = 'open' | 'slow' | 'cut' | 'frozen' | 'deaf';

/** The network between service and NATS, which can be slow, cut (connections reset, none taken) frozen (no byte passes) or deaf (what the server says is not heard). */
export class Link {
  state: LinkState = 'open';
  readonly #server: Server;
  readonly #pairs = new Set<[Socket, Socket]>();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(targetPort: number): Promise<Link> {
    const server = createServer();
    const link = new Link(server);
    server.on('connection', (client) => link.#join(client, targetPort));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return link;
  }

  get url(): string {
    return `nats://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  set(state: LinkState): void {
    this.state = state;
    for (const pair of this.#pairs) {
      if (state === 'cut') pair.forEach((socket) => socket.destroy());
      else if (state === 'deaf') pair[1].pause();
      else pair.forEach((socket) => (state === 'frozen' ? socket.pause() : socket.resume()));
    }
  }

  close(): void {
    this.set('cut');
    this.#server.close();
  }

  #join(client: Socket, targetPort: number): void {
    client.on('error', () => undefined);
    if (this.state === 'cut') return void client.destroy();
    const upstream = createConnection(targetPort, '127.0.0.1').on('error', () => undefined);
    const pair: [Socket, Socket] = [client, upstream];
    this.#pairs.add(pair);
    const end = () => {
      pair.forEach((socket) => socket.destroy());
      this.#pairs.delete(pair);
    };
    for (const [from, to] of [pair, [upstream, client] as const]) {
      from.on('close', end);
      let last = Promise.resolve();
      from.on('data', (bytes) => {
        const delayMillis = this.state === 'slow' ? 20 + (bytes.length % 80) : 0;
        last = last.then(async () => {
          if (delayMillis > 0) await new Promise((resolve) => setTimeout(resolve, delayMillis));
          if (!to.destroyed) to.write(bytes);
        });
      });
      if (this.state === 'frozen') from.pause();
    }
  }
}
