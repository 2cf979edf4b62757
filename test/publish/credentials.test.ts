import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nkeys, type NatsConnection } from 'nats';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { connectTo } from '../../src/cli/nats-once.js';
import { parseService } from '../../src/config/index.js';
import {
  addressOptions,
  connectNats,
  dial,
  ensureStreams,
  natsConnectionOptions,
} from '../../src/publish/index.js';
import { silentLogger } from '../../src/telemetry/index.js';
import { certificateAuthority } from '../support/certificates.js';
import { operatorMode } from '../support/nats-jwt.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';

let folder: string;
let nats: NatsServer | undefined;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clameur-credentials-'));
});
afterEach(() => nats?.close());
afterAll(() => rm(folder, { recursive: true, force: true }));

async function serve(conf: string): Promise<void> {
  const file = join(folder, 'nats.conf');
  await writeFile(file, conf);
  nats = await startNatsServer(['-c', file]);
}

const server = (): string =>
  `cert_file: "${join(folder, 'nats.crt')}", key_file: "${join(folder, 'nats.key')}"`;

/** The server's address with somebody in it. */
const address = (who: string): string => nats!.url.replace('//', `//${who}@`);

async function nextStatus(nc: NatsConnection, wanted: string): Promise<void> {
  for await (const { type } of nc.status()) if ((type as string) === wanted) return;
}

/** Connects as a service with this configuration would, once, and makes the streams. */
async function come(yaml: string): Promise<'let in'> {
  const { config } = parseService(yaml, join(folder, 'clameur.yaml'));
  const own = config.nats.servers.some((address) => address.includes('@'))
    ? config.nats.servers
    : [nats!.url];
  const options = await natsConnectionOptions({ ...config.nats, servers: own });
  const nc = await dial({ ...options, waitOnFirstConnect: false, reconnect: false });
  try {
    await ensureStreams(nc, { log: silentLogger(), names: ['DETECTIONS'] });
    return 'let in';
  } finally {
    await nc.close();
  }
}

describe('the service proves to a NATS server who it is', () => {
  test('by user and password, or by them in the address', async () => {
    await serve('authorization { user: clameur, password: right }');
    expect(await come('nats: { user: clameur, password: right }')).toBe('let in');
    await expect(come('nats: { user: clameur, password: wrong }')).rejects.toThrow(/authorization/i);
    await expect(come('')).rejects.toThrow(/authorization/i);
    expect(await come(`nats: { servers: "${address('clameur:right')}" }`)).toBe('let in');
    await expect(come(`nats: { servers: "${address('clameur:wrong')}" }`)).rejects.toThrow(/authorization/i);
    const both = `nats: { servers: "${address('clameur:wrong')}", user: clameur, password: right }`;
    expect(await come(both)).toBe('let in');
  });

  test('by a token, in the address too', async () => {
    await serve('authorization { token: right }');
    expect(await come('nats: { token: right }')).toBe('let in');
    expect(await come(`nats: { servers: "${address('right')}" }`)).toBe('let in');
    await expect(come('nats: { token: wrong }')).rejects.toThrow(/authorization/i);
  });

  test('by an nkey, of which the server holds no secret', async () => {
    const [mine, other] = [nkeys.createUser(), nkeys.createUser()];
    await writeFile(join(folder, 'mine.nk'), `${Buffer.from(mine.getSeed()).toString()}\n`);
    await writeFile(join(folder, 'other.nk'), Buffer.from(other.getSeed()));
    await serve(`authorization { users: [ { nkey: ${mine.getPublicKey()} } ] }`);
    expect(await come('nats: { nkey: mine.nk }')).toBe('let in');
    await expect(come('nats: { nkey: other.nk }')).rejects.toThrow(/authorization/i);
    await expect(come('nats: { nkey: none.nk }')).rejects.toMatchObject({ code: 'NATS_CREDENTIALS' });
  });

  test('by a credentials file (JWT and seed), as nsc makes them', async () => {
    const [city, elsewhere] = [operatorMode(), operatorMode()];
    await writeFile(join(folder, 'city.creds'), city.credentials('clameur'));
    await writeFile(join(folder, 'elsewhere.creds'), elsewhere.credentials('clameur'));
    await serve(city.conf);
    expect(await come('nats: { credentials: city.creds }')).toBe('let in');
    await expect(come('nats: { credentials: elsewhere.creds }')).rejects.toThrow(/authorization/i);
    await writeFile(join(folder, 'empty.creds'), '');
    await expect(come('nats: { credentials: empty.creds }')).rejects.toMatchObject({
      code: 'NATS_CREDENTIALS',
      message: expect.stringMatching(/empty\.creds .*Mend nats\.credentials/),
    });
  });

  test('by credentials that are replaced while it runs; those that are half written count as the ones before', async () => {
    const [city, elsewhere] = [operatorMode(), operatorMode()];
    const file = join(folder, 'renewed.creds');
    await writeFile(file, elsewhere.credentials('clameur'));
    const { config } = parseService('nats: { credentials: renewed.creds }', join(folder, 'clameur.yaml'));
    await serve(city.conf);
    const said: string[] = [];
    const connected = connectNats({ ...config.nats, servers: [nats!.url] }, ({ message }) => {
      said.push(message);
      void writeFile(file, city.credentials('clameur'));
    });
    const nc = await connected;
    try {
      expect(said).toEqual([expect.stringMatching(/authorization/i)]);
      await writeFile(file, '-----BEGIN');
      const back = nextStatus(nc, 'reconnect');
      await nats!.restart();
      await back;
    } finally {
      await nc.close();
    }
  });

  test('and the server proves itself by TLS: one of another authority is not spoken to', async () => {
    const mine = await certificateAuthority(folder);
    await certificateAuthority(folder, 'stranger');
    await mine.issue('nats', true);
    await serve(`tls { ${server()} }`);
    expect(await come('nats: { tls: { ca: ca.crt } }')).toBe('let in');
    await expect(come('nats: { tls: { ca: stranger.crt } }')).rejects.toThrow(/certificate|issuer/i);
    await expect(come('')).rejects.toThrow(/certificate/i);
  });

  test('and an address that says tls:// is never spoken to in the clear, by the service or a command', async () => {
    await serve('authorization { user: clameur, password: right }');
    const address = nats!.url.replace('nats://', 'tls://clameur:right@');
    await expect(come(`nats: { servers: "${address}" }`)).rejects.toThrow(/does not speak TLS/);
    await expect(connectTo(address, {})).rejects.toThrow(/does not speak TLS/);
  });

  test('by a client certificate that is renewed while it runs, and half written at first', async () => {
    const mine = await certificateAuthority(folder);
    await mine.issue('nats', true);
    await mine.issue('clameur');
    await serve(`tls { ${server()}, ca_file: "${join(folder, 'ca.crt')}", verify: true }`);
    const yaml = 'nats: { tls: { ca: ca.crt, cert: clameur.crt, key: clameur.key } }';
    const { config } = parseService(yaml, join(folder, 'clameur.yaml'));
    const nc = await connectNats({ ...config.nats, servers: [nats!.url] });
    try {
      const back = nextStatus(nc, 'reconnect');
      const tried = nextStatus(nc, 'reconnecting');
      await nats!.stop();
      // Another authority took over, and the one before is trusted no more.
      const renewed = await certificateAuthority(folder);
      await renewed.issue('nats', true);
      await writeFile(join(folder, 'clameur.crt'), '-----BEGIN');
      await nats!.restart();
      await tried;
      await renewed.issue('clameur');
      await back;
    } finally {
      await nc.close();
    }
  });

  test('by a client certificate (mutual TLS)', async () => {
    const mine = await certificateAuthority(folder);
    const stranger = await certificateAuthority(folder, 'stranger');
    await mine.issue('nats', true);
    await mine.issue('clameur');
    await stranger.issue('forger');
    await serve(`tls { ${server()}, ca_file: "${join(folder, 'ca.crt')}", verify: true }`);
    const tls = (name: string) => `nats: { tls: { ca: ca.crt, cert: ${name}.crt, key: ${name}.key } }`;
    expect(await come(tls('clameur'))).toBe('let in');
    await expect(come(tls('forger'))).rejects.toThrow();
    await expect(come('nats: { tls: { ca: ca.crt } }')).rejects.toThrow();
  });
});

test.each([
  ['nats://host:4222', {}],
  ['host:4222', {}],
  ['nats://u:p@host:4222', { user: 'u', pass: 'p' }],
  ['tls://u:p@ss:w%2Frd%@host:4222', { user: 'u', pass: 'p@ss:w%2Frd%', tls: {} }],
  ['tls://host:4222', { tls: {} }],
  ['u:p%40ss@host:4222', { user: 'u', pass: 'p@ss' }],
  ['nats://t0ken@host:4222', { token: 't0ken' }],
])('%s says who', (one, who) => {
  const { servers, ...named } = addressOptions([one]);
  expect(named).toEqual(who);
  expect(servers).toEqual([one.replace(/^(\w+:\/\/)?.*@/, '$1')]);
});
