import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ClameurError } from '../config/index.js';
import type { Logger } from '../telemetry/index.js';
import { createApp } from './app.js';
import type { ServiceState } from './state.js';

export type { PoleStatus, Readiness, ReadyPart, ServiceState } from './state.js';

export interface RunningServer {
  /** Such as http://127.0.0.1:8080 */
  url: string;
  port: number;
  /** Stops taking requests and ends those that hang. */
  close(): Promise<void>;
}

export interface ServerOptions {
  host: string;
  /** 0 takes a free one. */
  port: number;
  log: Logger;
}

/** Throws PORT_IN_USE, or HTTP_FAILED where the address is not ours to listen on. */
export async function startServer(
  state: ServiceState,
  { host, port, log }: ServerOptions,
): Promise<RunningServer> {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 10_000 }, createApp(state, log));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(
        cause.code === 'EADDRINUSE'
          ? new ClameurError('PORT_IN_USE', { host, port }, { cause })
          : new ClameurError('HTTP_FAILED', { host, port, problem: cause.message }, { cause }),
      );
    });
    server.listen(port, host, resolve);
  });
  server.removeAllListeners('error');
  server.on('error', (err) => log.error({ err }, 'the HTTP server had an error'));
  const address = server.address() as AddressInfo;
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return {
    url: `http://${name}:${address.port}`,
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
