import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { clameur, ROOT, startService, waitFor, type RunningService } from '../support/service.js';

const PASSWORD = 'hunter2-of-the-city';
const WRONG_PASSWORD = 'wrong-but-secret-too';
const GUESS = 'clm_guessed-by-somebody-0123456789';

let nats: NatsServer;
let folder: string;
let service: RunningService;
let token: string;
/** All that a stranger, an operator of logs or a scraper can read. */
const seen: string[] = [];

async function read(path: string, headers: Record<string, string> = {}): Promise<void> {
  const answer = await fetch(`${service.url}${path}`, { headers });
  answer.headers.forEach((value) => seen.push(value));
  seen.push(await answer.text());
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clameur-secrets-'));
  await writeFile(
    join(folder, 'nats.conf'),
    `jetstream {}\nauthorization { user: clameur, password: "${PASSWORD}" }\n`,
  );
  nats = await startNatsServer(['-c', join(folder, 'nats.conf')]);
  const made = await clameur([
    'token',
    '--name',
    'wall',
    '--role',
    'viewer',
    '--file',
    join(folder, 'tokens.yaml'),
  ]);
  token = made.stdout.trim();
  expect(token).toMatch(/^clm_[\w-]{43}$/);
});
afterAll(async () => {
  await service?.close();
  await nats?.close();
  await rm(folder, { recursive: true, force: true });
});

const environment = (password: string): Record<string, string> => ({
  CLAMEUR_NATS_USER: 'clameur',
  CLAMEUR_NATS_PASSWORD: password,
  CLAMEUR_HTTP_TOKENS: join(folder, 'tokens.yaml'),
  CLAMEUR_LOG_LEVEL: 'trace',
});

it('passwords and tokens stand in no log line, no answer, no error and no metric, right or wrong, up or down', async () => {
  const url = nats.url.replace('//', `//clameur:${PASSWORD}@`);
  service = await startService(url, { env: environment(PASSWORD) });
  await service.ready();
  const bearer = { authorization: `Bearer ${token}` };
  for (const path of ['/api/v1/status', '/api/v1/none', '/metrics', '/readyz', '/']) {
    await read(path, bearer);
    await read(path);
    await read(`${path}?token=${token}`, { authorization: `Bearer ${GUESS}` });
    await read(path, { authorization: `Basic ${Buffer.from(`clameur:${PASSWORD}`).toString('base64')}` });
  }
  const answer = await fetch(`${service.url}/api/v1/status`, { headers: bearer });
  const { model } = (await answer.json()) as { model: object };
  expect(Object.keys(model), 'which model, and not the model').toEqual(['name', 'version', 'sha256']);
  await nats.kill();
  await service.ready(false);
  await read('/readyz');
  await read('/api/v1/status', bearer);
  await waitFor('a denial to be logged', () => service.log().includes('not let in'));
  await service.stop();
  seen.push(service.log());
  await nats.restart();

  const refused = await startService(url.replace(PASSWORD, WRONG_PASSWORD), {
    env: environment(WRONG_PASSWORD),
  });
  await waitFor('NATS to refuse it', async () => !(await fetch(`${refused.url}/readyz`)).ok);
  seen.push(await (await fetch(`${refused.url}/readyz`)).text());
  await refused.stop();
  seen.push(refused.log());
  const doctor = await clameur(['doctor', '--config', join(ROOT, 'fixtures/clameur.yaml')], {
    ...environment(WRONG_PASSWORD),
    CLAMEUR_NATS_SERVERS: url.replace(PASSWORD, WRONG_PASSWORD),
  });
  seen.push(doctor.stdout, doctor.stderr);
  await refused.close();

  const all = seen.join('\n');
  expect(all).toContain('not let in');
  for (const secret of [PASSWORD, WRONG_PASSWORD, token, GUESS]) {
    expect(all).not.toContain(secret);
    expect(all).not.toContain(Buffer.from(secret).toString('base64'));
    expect(all).not.toContain(Buffer.from(secret).toString('hex'));
  }
});

it('a token’s file holds its hash and not the token, and so does the service’s folder', async () => {
  const text = await readFile(join(folder, 'tokens.yaml'), 'utf8');
  expect(text).toMatch(/^- \{ name: "wall", role: viewer, sha256: [0-9a-f]{64} \}\n$/);
  for (const name of await readdir(service.dataFolder, { recursive: true })) {
    const bytes = await readFile(join(service.dataFolder, name)).catch(() => Buffer.alloc(0));
    for (const secret of [PASSWORD, token]) expect(bytes.includes(secret), name).toBe(false);
  }
});

it('clameur token refuses a name or role that the service would refuse, and says so in JSON where asked', async () => {
  expect((await clameur(['token', '--name', 'a b'])).code).toBe(2);
  expect((await clameur(['token', '--name', 'a', '--role', 'admin'])).code).not.toBe(0);
  const { stdout } = await clameur(['token', '--name', 'a', '--expires', '2027-01-31T00:00:00Z', '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ role: 'viewer', expires: '2027-01-31T00:00:00.000Z' });
});

const NOBODY = `nats://clameur:${PASSWORD}@127.0.0.1:9`;
const SCENE = 'fixtures/positive/three-shots';
it.each([
  ['sites'],
  ['exercise'],
  ['check-pole', 'belges'],
  ['report'],
  ['audit', 'verify'],
  ['feed', SCENE, '--to', NOBODY],
  ['replay', SCENE, '--publish', NOBODY],
])('clameur %s %s says that NATS is not reached, and not with which password', async (...words) => {
  const named = words.includes(NOBODY) ? [] : ['--config', 'fixtures/clameur.yaml'];
  const { code, stdout, stderr } = await clameur([...words, ...named], { CLAMEUR_NATS_SERVERS: NOBODY });
  expect(stderr).toContain('The NATS server nats://***@127.0.0.1:9 cannot be reached');
  expect(code).not.toBe(0);
  expect(stdout + stderr).not.toContain(PASSWORD);
});
