import { request as httpRequest } from 'node:http';
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ACCESS_TABLE, accessFor } from '../../src/server/auth/access-table.js';
import { startServer, tokenDigest, type Denial, type RunningServer } from '../../src/server/index.js';
import { silentLogger } from '../../src/telemetry/index.js';
import { waitFor } from '../support/service.js';
import { STATE } from './state.js';

const TOKENS = {
  viewer: 'clm_the-viewers',
  technician: 'clm_the-technicians',
  operator: 'clm_the-operators',
};
const IN = 'let in';
const LATE = 'clm_no-longer-valid';

let folder: string;
let tokens: string;
let server: RunningServer | undefined;
let denials: Denial[] = [];

const line = (name: string, role: string, token: string, more = ''): string =>
  `- { name: ${name}, role: ${role}, sha256: ${tokenDigest(token).toString('hex')}${more} }\n`;

async function start(http: Partial<Parameters<typeof startServer>[1]> = {}): Promise<RunningServer> {
  denials = [];
  server = await startServer(STATE, {
    host: '127.0.0.1',
    port: 0,
    log: silentLogger(),
    onDenied: (denial) => denials.push(denial),
    ...http,
  });
  return server;
}

async function ask(path: string, token?: string, init: RequestInit = {}): Promise<Response> {
  const headers = { ...(init.headers ?? {}), ...(token && { authorization: `Bearer ${token}` }) };
  return fetch(`${server!.url}${path}`, { ...init, headers });
}
const status = async (...args: Parameters<typeof ask>): Promise<number> => (await ask(...args)).status;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clameur-access-'));
  tokens = join(folder, 'tokens.yaml');
  const all = Object.entries(TOKENS).map(([role, token]) => line(`the-${role}`, role, token));
  await writeFile(
    tokens,
    `${all.join('')}${line('late', 'operator', LATE, ', expires: 2020-01-01T00:00:00Z')}`,
  );
});
afterEach(async () => {
  await server?.close();
  server = undefined;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('without tokens', () => {
  test('this machine may look, and no more', async () => {
    await start();
    expect(await status('/api/v1/status')).toBe(200);
    expect(await status('/api/v1/poles/quai-1/levels')).toBe(403);
    expect(await status('/api/v1/incidents/some/verdict', undefined, { method: 'POST' })).toBe(403);
  });

  test('a name that was made to point at this machine sees nothing', async () => {
    const { port } = await start();
    const answer = await new Promise<number | undefined>((resolve) => {
      const headers = { host: `evil.example:${port}` };
      httpRequest({ host: '127.0.0.1', port, path: '/api/v1/status', headers }, ({ statusCode }) =>
        resolve(statusCode),
      ).end();
    });
    expect(answer).toBe(401);
  });

  test('an address that others can reach shows them nothing but the empty page and the probes', async () => {
    await start({ host: '0.0.0.0' });
    for (const path of ['/api/v1/status', '/api/v1/site', '/api/v1/none'])
      expect(await status(path), path).toBe(401);
    for (const path of ['/', '/healthz', '/readyz', '/metrics']) expect(await status(path), path).toBe(200);
  });

  test('…unless it is told to let everybody look', async () => {
    await start({ host: '0.0.0.0', anonymous: 'viewer' });
    expect(await status('/api/v1/status')).toBe(200);
  });
});

describe('with tokens', () => {
  test.each([
    ['/api/v1/status', 'GET', { nobody: 401, viewer: IN, technician: IN, operator: IN }],
    ['/api/v1/poles/quai-1/levels', 'GET', { nobody: 401, viewer: 403, technician: IN, operator: IN }],
    ['/API/V1/Poles/quai-1/LEVELS/', 'GET', { nobody: 401, viewer: 403, technician: IN, operator: IN }],
    ['/api/v1/incidents/some/verdict', 'POST', { nobody: 401, viewer: 403, technician: 403, operator: IN }],
    ['/api/v1/status', 'DELETE', { nobody: 405, viewer: 405, technician: 405, operator: 405 }],
    ['/', 'GET', { nobody: IN, viewer: IN, technician: IN, operator: IN }],
  ])('%s, %s: %o', async (path, method, expected) => {
    await start({ tokens });
    const found: Record<string, number | string> = { nobody: await status(path, undefined, { method }) };
    for (const [role, token] of Object.entries(TOKENS)) found[role] = await status(path, token, { method });
    // Who is let in to what another version may not have yet gets 404, or what is there.
    for (const [who, code] of Object.entries(found)) {
      if (![401, 403, 405].includes(code as number)) found[who] = IN;
    }
    expect(found).toEqual(expected);
  });

  test.each([
    ['a wrong one', 'clm_wrong'],
    ['one that has expired', LATE],
    ['an empty one', ' '],
    ['one of ten thousand characters', 'x'.repeat(10_000)],
    ['a right one and more', `${TOKENS.viewer}x`],
  ])('%s is none', async (_what, token) => {
    await start({ tokens });
    const answer = await ask('/api/v1/status', token);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
    expect(denials).toEqual([expect.objectContaining({ reason: 'bad_token', path: '/api/v1/status' })]);
  });

  test('in the address, where logs and histories would keep it, a token is not looked for', async () => {
    await start({ tokens });
    expect(await status(`/api/v1/status?access_token=${TOKENS.viewer}&token=${TOKENS.viewer}`)).toBe(401);
    expect(JSON.stringify(denials)).not.toContain(TOKENS.viewer);
  });

  test('one that is taken out of the file stops working, with its sessions, while the service runs', async () => {
    const file = join(folder, 'changing.yaml');
    await writeFile(file, line('a', 'viewer', 'clm_a') + line('b', 'viewer', 'clm_b'));
    await start({ tokens: file });
    const cookie = (await ask('/api/v1/session', 'clm_a', { method: 'POST' })).headers.get('set-cookie')!;
    const session = { headers: { cookie: cookie.split(';')[0] } };
    expect([
      await status('/api/v1/status', 'clm_a'),
      await status('/api/v1/status', undefined, session),
    ]).toEqual([200, 200]);
    await writeFile(file, line('b', 'viewer', 'clm_b'));
    await utimes(file, new Date(), new Date(Date.now() + 60_000));
    await waitFor('the token to be refused', async () => (await status('/api/v1/status', 'clm_a')) === 401);
    expect(await status('/api/v1/status', undefined, session)).toBe(401);
    expect(await status('/api/v1/status', 'clm_b')).toBe(200);
    await rm(file);
    await waitFor(
      'a lost file to let nobody in',
      async () => (await status('/api/v1/status', 'clm_b')) === 401,
    );
  });

  test.each([
    ['- { name: a, role: admin, sha256: 00 }', /role/],
    ['- { name: a, role: viewer, token: clm_secret-in-the-file }', /sha256|token/],
    ['[', /YAML/],
  ])(
    'a file that says %s is refused at the start, and the message quotes no value of it',
    async (text, problem) => {
      const file = join(folder, 'bad.yaml');
      await writeFile(file, text);
      const error = (await start({ tokens: file }).catch((caught: unknown) => caught)) as Error;
      expect(error).toMatchObject({ code: 'ACCESS_INVALID', message: expect.stringMatching(problem) });
      expect(error.message).not.toContain('clm_secret');
    },
  );

  test('metrics and health can be closed too', async () => {
    await start({ tokens, open: [] });
    for (const path of ['/metrics', '/healthz', '/readyz'])
      expect([await status(path), await status(path, TOKENS.viewer)], path).toEqual([401, 200]);
  });
});

describe('a browser’s session', () => {
  const open = async (token: string): Promise<string> => {
    const answer = await ask('/api/v1/session', token, { method: 'POST' });
    expect(answer.status).toBe(201);
    return answer.headers.get('set-cookie')!;
  };

  test('is opened by a token, cannot be read by a script nor sent along by another site, and can be ended', async () => {
    await start({ tokens });
    const set = await open(TOKENS.technician);
    expect(set).toMatch(/HttpOnly; SameSite=Strict/);
    expect(set).not.toContain(TOKENS.technician);
    const headers = { cookie: set.split(';')[0] };
    expect(await (await ask('/api/v1/session', undefined, { headers })).json()).toEqual({
      name: 'the-technician',
      role: 'technician',
    });
    expect(await status('/api/v1/status', undefined, { headers })).toBe(200);
    expect(await status('/api/v1/session', undefined, { headers, method: 'DELETE' })).toBe(204);
    expect(await status('/api/v1/status', undefined, { headers })).toBe(401);
  });

  test('changes nothing for a page of another host', async () => {
    await start({ tokens });
    const headers = { cookie: (await open(TOKENS.operator)).split(';')[0] };
    const post = (more: Record<string, string>) =>
      status('/api/v1/incidents/some/verdict', undefined, {
        method: 'POST',
        headers: { ...headers, ...more },
      });
    expect(await post({ origin: 'https://evil.example' })).toBe(403);
    expect(await post({})).toBe(403);
    expect(denials.map(({ reason }) => reason)).toEqual(['origin', 'origin']);
    expect(await post({ origin: server!.url })).not.toBe(403);
  });

  test('says Secure behind a proxy that speaks TLS, and believes no proxy that is not configured', async () => {
    const proto = { 'x-forwarded-proto': 'https' };
    const cookie = async (): Promise<string> =>
      (await ask('/api/v1/session', TOKENS.viewer, { method: 'POST', headers: proto })).headers.get(
        'set-cookie',
      )!;
    await start({ tokens });
    expect(await cookie()).not.toContain('Secure');
    await server!.close();
    await start({ tokens, proxies: 1 });
    expect(await cookie()).toContain('; Secure');
  });

  test('nobody has the role none, and is told so', async () => {
    await start({ tokens });
    expect(await (await ask('/api/v1/session')).json()).toEqual({ role: 'none' });
  });
});

describe('a JWT of an identity provider', async () => {
  const pair = await generateKeyPair('EdDSA', { extractable: true });
  const other = await generateKeyPair('EdDSA');
  const claims = { roles: ['clameur-technician', 'clameur-viewer', 'other'], preferred_username: 'j.doe' };
  const sign = (
    payload: object,
    { key = pair.privateKey, issuer = 'https://id.example', audience = 'clameur', ends = '5m' } = {},
  ) =>
    new SignJWT({ ...payload })
      .setProtectedHeader({ alg: 'EdDSA' })
      .setIssuer(issuer)
      .setAudience(audience)
      .setExpirationTime(ends)
      .sign(key);
  const jwt = (keys: string, roleClaim = 'roles') => ({
    keys,
    issuer: 'https://id.example',
    audience: 'clameur',
    roleClaim,
    rolePrefix: 'clameur-',
  });

  test('counts by its highest role, with the keys as a JWKS or as a PEM', async () => {
    const jwks = join(folder, 'jwks.json');
    const pem = join(folder, 'key.pem');
    await writeFile(jwks, JSON.stringify({ keys: [await exportJWK(pair.publicKey)] }));
    await writeFile(pem, await exportSPKI(pair.publicKey));
    for (const keys of [jwks, pem]) {
      await start({ jwt: jwt(keys) });
      const session = await ask('/api/v1/session', await sign(claims));
      expect(await session.json()).toEqual({ name: 'j.doe', role: 'technician' });
      await server!.close();
    }
    await start({ jwt: jwt(jwks, 'realm_access.roles'), tokens });
    const deep = await sign({ realm_access: { roles: ['clameur-operator'] } });
    expect(await (await ask('/api/v1/session', deep)).json()).toMatchObject({ role: 'operator' });
    expect(await status('/api/v1/status', TOKENS.viewer)).toBe(200);
  });

  test('counts by a claim whose name is an address, as some providers ask for', async () => {
    const keys = join(folder, 'claims.pem');
    await writeFile(keys, await exportSPKI(pair.publicKey));
    await start({ jwt: jwt(keys, 'https://city.example/roles') });
    const token = await sign({ 'https://city.example/roles': ['clameur-operator'] });
    expect(await (await ask('/api/v1/session', token)).json()).toMatchObject({ role: 'operator' });
  });

  test.each(['ES256', 'ES384', 'ES512', 'RS256', 'PS512'])('counts with a PEM of %s', async (alg) => {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
    const keys = join(folder, `${alg}.pem`);
    await writeFile(keys, await exportSPKI(publicKey));
    await start({ jwt: jwt(keys) });
    const token = new SignJWT(claims)
      .setProtectedHeader({ alg })
      .setIssuer('https://id.example')
      .setAudience('clameur')
      .setExpirationTime('5m');
    expect(await status('/api/v1/status', await token.sign(privateKey))).toBe(200);
  });

  test('is none while the provider’s address gives no keys, and the log says that once', async () => {
    const said: unknown[] = [];
    const log = { ...silentLogger(), error: (...args: unknown[]) => void said.push(args) };
    const keys = 'https://127.0.0.1:9/jwks';
    await start({ jwt: jwt(keys), log: log as unknown as ReturnType<typeof silentLogger> });
    for (let i = 0; i < 3; i++) expect(await status('/api/v1/status', await sign(claims))).toBe(401);
    expect(said).toEqual([
      [
        { err: expect.objectContaining({ message: expect.stringMatching(/9\/jwks: gives no keys: \w/) }) },
        expect.any(String),
      ],
    ]);
  });

  test.each([
    ['of another key', () => sign(claims, { key: other.privateKey })],
    ['of another issuer', () => sign(claims, { issuer: 'https://evil.example' })],
    ['for another service', () => sign(claims, { audience: 'mail' })],
    ['that has expired', () => sign(claims, { ends: '-5m' })],
    ['without a role of ours', () => sign({ roles: ['operator'] })],
    [
      'that is not signed',
      () =>
        new UnsecuredJWT(claims)
          .setIssuer('https://id.example')
          .setAudience('clameur')
          .setExpirationTime('5m')
          .encode(),
    ],
    [
      'signed with the public key as if it were a password',
      async () =>
        new SignJWT(claims)
          .setProtectedHeader({ alg: 'HS256' })
          .setIssuer('https://id.example')
          .setAudience('clameur')
          .setExpirationTime('5m')
          .sign(new TextEncoder().encode(await exportSPKI(pair.publicKey))),
    ],
  ])('%s is none', async (_what, make) => {
    const keys = join(folder, 'key2.pem');
    await writeFile(keys, await exportSPKI(pair.publicKey));
    await start({ jwt: jwt(keys) });
    expect(await status('/api/v1/status', await make())).toBe(401);
  });

  test('needs keys that can be read, and never those that came over plain HTTP', async () => {
    for (const keys of ['http://id.example/jwks', join(folder, 'none.json')])
      await expect(start({ jwt: jwt(keys) })).rejects.toMatchObject({ code: 'ACCESS_INVALID' });
  });
});

describe('floods', () => {
  test('an address that asks too often gets 429 and is told when to come back; probes go on', async () => {
    await start({ requestsPerMinute: 10 });
    const codes = [];
    for (let i = 0; i < 12; i++) codes.push(await status('/api/v1/status'));
    expect(codes).toEqual([...Array<number>(10).fill(200), 429, 429]);
    const answer = await ask('/api/v1/status');
    expect(await answer.json()).toMatchObject({ code: 'RATE_LIMITED' });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect([await status('/healthz'), await status('/metrics')]).toEqual([200, 200]);
  });

  test('guesses are cut short, and who has a token behind the same address gets in all the same', async () => {
    await start({ tokens });
    const codes = [];
    for (let i = 0; i < 40; i++) codes.push(await status('/api/v1/status', `clm_guess-${i}`));
    expect(codes.filter((code) => code === 401)).toHaveLength(30);
    expect(codes.filter((code) => code === 429)).toHaveLength(10);
    expect(await status('/api/v1/status', TOKENS.viewer)).toBe(200);
  });

  test('a made-up X-Forwarded-For does not make another address of it', async () => {
    await start({ requestsPerMinute: 10 });
    const codes = [];
    for (let i = 0; i < 11; i++)
      codes.push(
        await status('/api/v1/status', undefined, { headers: { 'x-forwarded-for': `10.0.0.${i}` } }),
      );
    expect(codes.at(-1)).toBe(429);
  });
});

describe('the table of access', () => {
  test('lets nobody into the REST interface without a role, however the path is written', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom('..', '.', '', 'session', 'poles', 'levels'))),
        fc.constantFrom('/api/v1', '/API/v1', '//api//v1', '/api/v1/'),
        (parts, base) => {
          const path = `${base}/${parts.map(encodeURIComponent).join('/')}`;
          const isSession = parts.filter(Boolean).join('/').toLowerCase() === 'session';
          return isSession || ['viewer', 'technician'].includes(accessFor('GET', path)!);
        },
      ),
    );
  });

  test('has an entry for no change to the open part', () => {
    for (const { method, path, access } of ACCESS_TABLE)
      if (method !== 'GET' && access === 'anyone') expect(path).toBe('/api/v1/session');
    expect(accessFor('POST', '/')).toBeUndefined();
    expect(accessFor('PUT', '/api/v1/incidents/some/verdict')).toBeUndefined();
  });
});
