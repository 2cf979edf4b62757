import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, credsAuthenticator, ErrorCode, nkeyAuthenticator } from 'nats';
import type { Authenticator, ConnectionOptions, NatsConnection, NatsError, TlsOptions } from 'nats';
import { ClameurError, SERVICE_INBOX, type ServiceConfig } from '../config/index.js';
import { addressOptions } from './address-options.js';

const RETRY_MILLIS = 500;

/**
 * Options of the service's NATS connection. It never gives up: an outage is bridged by the outbox, and so is a server
 * that refuses its user for a while (the library would close the connection for good after two such answers). A server
 * that is frozen, not gone, is found by pings after 15 to 20 s (the library's own default is 4 to 6 minutes).
 */
export async function natsConnectionOptions(nats: ServiceConfig['nats']): Promise<ConnectionOptions> {
  const { name, user, password, token } = nats;
  const { servers, tls: byAddress, ...named } = addressOptions(nats.servers);
  const tls = nats.tls ? await tlsOptions(nats.tls) : byAddress;
  const authenticator = await authenticatorOf(nats);
  const told = user !== undefined || token !== undefined || authenticator !== undefined;
  return {
    servers: servers!,
    name,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RETRY_MILLIS,
    waitOnFirstConnect: true,
    ignoreAuthErrorAbort: true,
    pingInterval: 5_000,
    maxPingOut: 3,
    inboxPrefix: SERVICE_INBOX,
    ...(!told && named),
    ...(user !== undefined && { user }),
    ...(password !== undefined && { pass: password }),
    ...(token !== undefined && { token }),
    ...(authenticator && { authenticator }),
    ...(tls && { tls }),
  };
}

/**
 * Resolves once a server answers, however long that takes; what keeps it is told each time it changes. Throws
 * NATS_CREDENTIALS.
 */
export async function connectNats(
  nats: ServiceConfig['nats'],
  onTrouble: (err: NatsError) => void = () => undefined,
): Promise<NatsConnection> {
  const options = { ...(await natsConnectionOptions(nats)), waitOnFirstConnect: false };
  for (let trouble = ''; ; await sleep(RETRY_MILLIS)) {
    try {
      return await dial(options);
    } catch (err) {
      const { message } = err as NatsError;
      if (message !== trouble) onTrouble(err as NatsError);
      trouble = message;
    }
  }
}

/** One try. Of a server without TLS the library's error says "tls" and no more. */
export async function dial(options: ConnectionOptions): Promise<NatsConnection> {
  return connect(options).catch((err: NatsError) => {
    if (err.code === ErrorCode.ServerOptionNotAvailable && err.message === 'tls')
      err.message = 'it does not speak TLS, which nats.tls or an address with tls:// asks for';
    throw err;
  });
}

/** The library reads the files anew for each connection: certificates are renewed while the service runs. */
async function tlsOptions(tls: NonNullable<ServiceConfig['nats']['tls']>): Promise<TlsOptions> {
  for (const name of ['ca', 'cert', 'key'] as const)
    if (tls[name] !== undefined) await secretFile(tls[name], `nats.tls.${name}`);
  const { ca, cert, key } = tls;
  return {
    ...(ca !== undefined && { caFile: ca }),
    ...(cert !== undefined && { certFile: cert }),
    ...(key !== undefined && { keyFile: key }),
  };
}

async function authenticatorOf({
  credentials,
  nkey,
}: ServiceConfig['nats']): Promise<Authenticator | undefined> {
  if (credentials !== undefined) return renewed(credentials, 'nats.credentials', credsAuthenticator);
  if (nkey === undefined) return undefined;
  return renewed(nkey, 'nats.nkey', (seed) =>
    nkeyAuthenticator(Buffer.from(Buffer.from(seed).toString().trim())),
  );
}

/**
 * Reads the file anew for each connection: credentials that run out are replaced while the service runs. One that is just
 * being written counts as the one before (an authenticator that throws would end the connection for good).
 */
async function renewed(
  file: string,
  key: string,
  authenticatorFrom: (content: Uint8Array) => Authenticator,
): Promise<Authenticator> {
  let good = await secretFile(file, key);
  try {
    authenticatorFrom(good)('any nonce');
  } catch (cause) {
    throw new ClameurError('NATS_CREDENTIALS', { file, key, problem: (cause as Error).message }, { cause });
  }
  return (nonce) => {
    try {
      const content = readFileSync(file);
      const answer = authenticatorFrom(content)(nonce);
      good = content;
      return answer;
    } catch {
      return authenticatorFrom(good)(nonce);
    }
  };
}

async function secretFile(file: string, key: string): Promise<Uint8Array<ArrayBufferLike>> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new ClameurError('NATS_CREDENTIALS', { file, key, problem: (cause as Error).message }, { cause });
  }
}
