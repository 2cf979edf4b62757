import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type NatsConnection } from 'nats';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Publisher, type CloudEvent } from '../../src/publish/index.js';
import { tokenDigest } from '../../src/server/index.js';
import { silentLogger } from '../../src/telemetry/index.js';
import { readEvents } from '../publish/hub.js';
import { CONTEXT, gunshot, step } from '../publish/incidents.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { clameur, startService, waitFor, type RunningService } from '../support/service.js';

const { incidentId } = gunshot();
const onsetNanos = BigInt(Date.now() - 60_000) * 1_000_000n;
let nats: NatsServer;
let hub: NatsConnection;
let service: RunningService;
let folder: string;
const TOKEN = 'clm_the-shift-leaders';

/** An earlier run told of one incident and closed it. */
beforeAll(async () => {
  nats = await startNatsServer();
  hub = await connect({ servers: nats.url });
  const dataFolder = await mkdtemp(join(tmpdir(), 'clameur-earlier-'));
  const earlier = await Publisher.open({ dataFolder, log: silentLogger() });
  await earlier.attach(hub);
  await earlier.publish(step('detected', gunshot({ onsetNanos })), CONTEXT);
  await earlier.publish(step('closed', gunshot({ revision: 2, onsetNanos })), CONTEXT);
  await earlier.flush(10);
  await earlier.close();
  await rm(dataFolder, { recursive: true });
  folder = await mkdtemp(join(tmpdir(), 'clameur-tokens-'));
  const tokens = join(folder, 'tokens.yaml');
  await writeFile(
    tokens,
    `- { name: shift-leader, role: operator, sha256: ${tokenDigest(TOKEN).toString('hex')} }\n`,
  );
  service = await startService(nats.url, { env: { CLAMEUR_HTTP_TOKENS: tokens } });
  await service.ready();
});
afterAll(async () => {
  await service?.close();
  await hub?.close();
  await nats?.close();
  await rm(folder, { recursive: true, force: true });
});

async function lastTold(): Promise<CloudEvent['data']> {
  return (await readEvents(nats.url)).at(-1)!.event.data;
}

test('a running service takes verdicts over NATS and by REST, of a closed incident of an earlier run', async () => {
  const request = JSON.stringify({ incidentId, verdict: 'unsure' });
  const answer = await hub.request('verdicts.vieux-port', request, { timeout: 20_000 });
  expect(answer.json()).toMatchObject({ incidentId, verdict: 'unsure' });
  const post = (body: string, type = 'application/json', authorization = `Bearer ${TOKEN}`) =>
    fetch(`${service.url}/api/v1/incidents/${incidentId}/verdict`, {
      method: 'POST',
      headers: { 'content-type': type, authorization },
      body,
    });
  expect((await post('{"verdict":"confirmed"}', 'application/json', 'Bearer clm_none')).status).toBe(401);
  const taken = await post('{"verdict":"dismissed","reason":"fireworks","operator":"somebody else"}');
  expect(taken.status).toBe(201);
  expect(await taken.json()).toMatchObject({ incidentId, verdict: 'dismissed', operator: 'shift-leader' });
  expect((await post('{"verdict":"perhaps"}')).status).toBe(400);
  expect((await post('verdict=dismissed', 'application/x-www-form-urlencoded')).status).toBe(400);
  await waitFor('the second verdict at the hub', async () => (await lastTold()).revision === 4);
  expect(await lastTold()).toMatchObject({
    state: 'closed',
    review: { state: 'dismissed', reason: 'fireworks' },
  });
});

test('clameur report counts them, and /metrics has the precision with its interval', async () => {
  const env = { CLAMEUR_NATS_SERVERS: nats.url };
  const args = ['report', '--config', 'fixtures/clameur.yaml', '--from', '2026-01-01', '--to', '2027-01-01'];
  const { stdout, stderr, code } = await clameur([...args, '--json'], env);
  expect(code, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    site: 'vieux-port',
    total: { alerts: 1, dismissed: 1, unconfirmed: 0, reasons: { fireworks: 1 } },
  });
  const page = await clameur([...args, '--format', 'html'], env);
  expect(page.stdout).toContain('fireworks');
  const metrics = await (await fetch(`${service.url}/metrics`)).text();
  expect(metrics).toContain('clameur_class_precision_ratio{class="gunshot",bound="value"} 0');
  expect(metrics).toMatch(/clameur_pole_precision_ratio\{pole="quai-1",bound="upper"\} 0\.79/);
});

test('after a kill and a restart the revisions go on', async () => {
  await service.kill();
  service = await startService(nats.url, { dataFolder: service.dataFolder });
  await service.ready();
  const request = JSON.stringify({ incidentId, verdict: 'confirmed' });
  const answer = await hub.request('verdicts.vieux-port', request, { timeout: 20_000 });
  expect(answer.json()).toMatchObject({ incidentId, verdict: 'confirmed' });
  await waitFor('the verdict at the hub', async () => (await lastTold()).revision === 5);
  expect((await lastTold()).review).toMatchObject({ state: 'confirmed' });
});

test('start, verdicts, exports and stop are in the audit log, and clameur audit verify finds it whole', async () => {
  await service.stop();
  const env = { CLAMEUR_NATS_SERVERS: nats.url, CLAMEUR_DATA: service.dataFolder };
  const audit = (...args: string[]) => clameur(['audit', ...args, '--config', 'fixtures/clameur.yaml'], env);
  const log = await audit('export');
  expect(log.code, log.stderr).toBe(0);
  const records = log.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { kind: string; details: { verdict?: string } });
  expect(records.slice(0, 3).map(({ kind }) => kind)).toEqual(['start', 'configuration', 'model']);
  expect(records.flatMap(({ details }) => details.verdict ?? [])).toEqual([
    'unsure',
    'dismissed',
    'confirmed',
  ]);
  expect(records.slice(-2).map(({ kind }) => kind)).toEqual(['stop', 'export']);
  const verified = await audit('verify', '--json');
  expect(JSON.parse(verified.stdout)).toMatchObject({ ok: true, endChecked: true, records: records.length });
  expect(verified.code).toBe(0);
  const file = join(service.dataFolder, 'audit.jsonl');
  await writeFile(file, log.stdout.split('\n').slice(0, 3).join('\n'));
  const alone = await audit('verify', '--file', file);
  expect([alone.code, alone.stdout]).toEqual([
    0,
    expect.stringMatching(/at its end was not looked at.*--head/),
  ]);
  const stranger = await clameur(['audit', 'verify', '--config', 'fixtures/clameur.yaml'], {
    ...env,
    CLAMEUR_DATA: '/nonexistent',
  });
  expect(stranger.code).toBe(1);
  expect(stranger.stdout).toContain('not among the trusted keys');
});

test('while the kill switch is off nothing is told; what was said meanwhile is told once it is on', async () => {
  const file = join(service.dataFolder, 'switch');
  const env = { CLAMEUR_KILL_SWITCH: file, CLAMEUR_NATS_SERVERS: nats.url };
  service = await startService(nats.url, { dataFolder: service.dataFolder, env });
  await service.ready();
  const before = await lastTold();
  const answer = await hub.request(
    'verdicts.vieux-port',
    JSON.stringify({ incidentId, verdict: 'dismissed', reason: 'thunder' }),
    { timeout: 20_000 },
  );
  expect(answer.json()).toMatchObject({ verdict: 'dismissed' });
  const metric = async (name: string) =>
    new RegExp(`^${name} (.*)$`, 'm').exec(await (await fetch(`${service.url}/metrics`)).text())?.[1];
  expect(await metric('clameur_silent\\{reason="kill_switch"\\}')).toBe('1');
  expect(await metric('clameur_outbox_messages')).toBe('1');
  expect((await lastTold()).revision).toBe(before.revision);
  const on = await clameur(['privacy', 'switch', 'on', '--config', 'fixtures/clameur.yaml'], env);
  expect(on.code, on.stderr).toBe(0);
  await waitFor('the verdict at the hub', async () => (await lastTold()).revision === before.revision + 1);
  expect(await metric('clameur_silent\\{reason="kill_switch"\\}')).toBe('0');
});
