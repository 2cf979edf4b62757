import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ClameurError, serviceSchema, type ServiceConfig } from '../config/index.js';
import type { Logger } from '../telemetry/index.js';
import { createApp } from './app.js';
import { Authenticator, type Denial } from './auth/index.js';
import type { ServiceState } from './state.js';

export { parseTokens, principalOf, ROLES, tokenDigest } from './auth/index.js';
export type { Denial, Principal, Role, TokenEntry } from './auth/index.js';
export {
  EventHistoryReader,
  IncidentIndex,
  summaryOf,
  type IncidentSummary,
  type Statistics,
} from './history/index.js';
export { PoleMeter, type PoleLevels, type PoleStrips } from './poles/index.js';
export {
  reportHtml,
  ReportBuilder,
  UPLOAD_LIMITS,
  type CheckReport,
  type DetectionReport,
  type ReplayProgress,
  type ReplayReport,
  type RunReplay,
  type Spectrogram,
  type StepReport,
  type TrackReport,
} from './replay/index.js';
export type { Tiles } from '../config/index.js';
export type { PoleStatus, Readiness, ReadyPart, ServiceState } from './state.js';

/** So long may a request take to come in: an upload over a slow line. */
const UPLOAD_MILLIS = 120_000;

export interface RunningServer {
  /** Such as http://127.0.0.1:8080 */
  url: string;
  port: number;
  /** Stops taking requests and ends those that hang. */
  close(): Promise<void>;
}

/** `http` of the service's configuration, and who hears of what goes on. */
export interface ServerOptions extends Partial<ServiceConfig['http']> {
  host: string;
  /** 0 takes a free one. */
  port: number;
  log: Logger;
  onDenied?: (denial: Denial) => void;
}

/** Throws PORT_IN_USE, HTTP_FAILED where the address is not ours to listen on, ACCESS_INVALID. */
export async function startServer(
  state: ServiceState,
  { log, onDenied = () => undefined, ...http }: ServerOptions,
): Promise<RunningServer> {
  const access = { ...serviceSchema.shape.http.parse({}), ...http };
  const { host, port } = access;
  const authenticator = await Authenticator.open(access, (err) =>
    log.error({ err }, 'the access tokens cannot be read any more: no token is valid until they can'),
  );
  const app = createApp(state, { log, authenticator, access, onDenied });
  const server = createServer({ requestTimeout: UPLOAD_MILLIS, headersTimeout: 10_000 }, app);
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
