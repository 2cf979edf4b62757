import { readFile } from 'node:fs/promises';
import { connect, credsAuthenticator, nkeyAuthenticator } from 'nats';
import type { ConnectionOptions, NatsConnection, TlsOptions } from 'nats';
import { ClameurError, SERVICE_INBOX, type ServiceConfig } from '../config/index.js';

/**
 * Options of the service's NATS connection. It never gives up: an outage is bridged by the outbox. A server that is
 * frozen, not gone, is found by pings after 15 to 20 s (the library's own default is 4 to 6 minutes).
 */
export async function natsConnectionOptions(nats: ServiceConfig['nats']): Promise<ConnectionOptions> {
  const { servers, name, user, password, token } = nats;
  const tls = nats.tls && (await tlsOptions(nats.tls));
  const credentials = nats.credentials && (await secretFile(nats.credentials, 'nats.credentials'));
  const seed = nats.nkey && (await secretFile(nats.nkey, 'nats.nkey'));
  return {
    servers: [...servers],
    name,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 500,
    waitOnFirstConnect: true,
    pingInterval: 5_000,
    maxPingOut: 3,
    inboxPrefix: SERVICE_INBOX,
    ...(user !== undefined && { user }),
    ...(password !== undefined && { pass: password }),
    ...(token !== undefined && { token }),
    ...(credentials && { authenticator: credsAuthenticator(credentials) }),
    ...(seed && {
      authenticator: nkeyAuthenticator(new TextEncoder().encode(new TextDecoder().decode(seed).trim())),
    }),
    ...(tls && { tls }),
  };
}

/** Resolves once a server answers, however long that takes. */
export async function connectNats(nats: ServiceConfig['nats']): Promise<NatsConnection> {
  return connect(await natsConnectionOptions(nats));
}

async function tlsOptions({ ca, cert, key }: NonNullable<ServiceConfig['nats']['tls']>): Promise<TlsOptions> {
  const text = async (file: string, name: string) => new TextDecoder().decode(await secretFile(file, name));
  return {
    ...(ca !== undefined && { ca: await text(ca, 'nats.tls.ca') }),
    ...(cert !== undefined && { cert: await text(cert, 'nats.tls.cert') }),
    ...(key !== undefined && { key: await text(key, 'nats.tls.key') }),
  };
}

async function secretFile(file: string, key: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new ClameurError('NATS_CREDENTIALS', { file, key, problem: (cause as Error).message }, { cause });
  }
}
