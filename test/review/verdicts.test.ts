import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type NatsConnection } from 'nats';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parseTime } from '../../src/audio/index.js';
import { Publisher, readRecentEvents, type CloudEvent } from '../../src/publish/index.js';
import { answerVerdicts, Reviewer, VerdictLog, type RecordedVerdict } from '../../src/review/index.js';
import { EventHistoryReader, IncidentIndex } from '../../src/server/index.js';
import { Metrics, silentLogger } from '../../src/telemetry/index.js';
import { CONTEXT, gunshot, step } from '../publish/incidents.js';
import { readEvents } from '../publish/hub.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';

const SITE = CONTEXT.site;
const log = silentLogger();
const open: Array<{ close(): Promise<unknown> }> = [];
let server: NatsServer;
let dataFolder: string;
let hub: NatsConnection;

beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'clameur-review-'));
  hub = await connect({ servers: server.url });
  open.push(hub);
});
afterEach(async () => {
  const { streams } = await hub.jetstreamManager();
  for (const one of open.splice(1).reverse()) await one.close();
  for (const name of await streams.names().next()) await streams.delete(name);
  await open.pop()!.close();
  await rm(dataFolder, { recursive: true, force: true });
});

/** A publisher and a reviewer as the service has them, answering on `verdicts.<site>`. */
async function desk() {
  const connection = await connect({ servers: server.url });
  open.push(connection);
  const metrics = new Metrics([], { processMetrics: false });
  const publisher = await Publisher.open({ dataFolder, log });
  open.push(publisher);
  await publisher.attach(connection);
  const history = new EventHistoryReader(new IncidentIndex(), SITE, log);
  history.start(connection);
  open.push({ close: () => Promise.resolve(history.stop()) });
  const lastEvent = (incidentId: string) => history.last(incidentId);
  const reviewer = new Reviewer({ connection, site: SITE, publisher, lastEvent, counters: metrics, log });
  answerVerdicts(connection, SITE, reviewer, log);
  await connection.flush();
  return { connection, publisher, reviewer, metrics };
}

async function ask(verdict: unknown): Promise<Record<string, unknown>> {
  const text = typeof verdict === 'string' ? verdict : JSON.stringify(verdict);
  return (await hub.request(`verdicts.${SITE}`, text, { timeout: 20_000 })).json();
}

async function told(incidentId: string): Promise<CloudEvent[]> {
  return (await readEvents(server.url))
    .map(({ event }) => event)
    .filter(({ subject }) => subject === incidentId);
}

test('a verdict is stored in VERDICTS, answered with what was recorded, and told as the incident’s next revision', async () => {
  const { publisher, metrics } = await desk();
  const first = (await publisher.publish(step('detected', gunshot()), CONTEXT))!;
  const { incidentId } = first.data;
  const before = Date.now();
  const answer = await ask({
    incidentId,
    verdict: 'dismissed',
    reason: 'fireworks',
    operator: 'op-7',
    note: 'Kids.',
  });
  expect(answer).toMatchObject({
    incidentId,
    verdict: 'dismissed',
    reason: 'fireworks',
    operator: 'op-7',
    note: 'Kids.',
    incident: { class: 'gunshot', revision: 1, pole: 'quai-1', score: 0.97, exercise: false },
  });
  expect(Number(parseTime(answer['at'] as string) / 1_000_000n)).toBeGreaterThanOrEqual(before);
  const { streams } = await hub.jetstreamManager();
  const stored = await streams.getMessage('VERDICTS', { last_by_subj: `reviews.${SITE}.${incidentId}` });
  expect(stored.json()).toEqual(answer);
  expect(await publisher.flush(10)).toBe(0);
  const [, update] = await told(incidentId);
  expect(update.type).toBe('clameur.incident.updated.v1');
  expect(update.data).toEqual({
    ...first.data,
    revision: 2,
    review: { state: 'dismissed', reason: 'fireworks', at: answer['at'] },
  });
  expect({ ...update, id: '', type: '', data: {} }).toEqual({ ...first, id: '', type: '', data: {} });
  expect(await metrics.registry.metrics()).toContain(
    'clameur_verdicts_total{class="gunshot",verdict="dismissed"} 1',
  );
});

test('what the locator says after a verdict carries the review on, under revisions that go on', async () => {
  const { publisher } = await desk();
  await publisher.publish(step('detected', gunshot()), CONTEXT);
  const { incidentId } = gunshot();
  await ask({ incidentId, verdict: 'unsure' });
  await publisher.publish(step('updated', gunshot({ revision: 2, durationSeconds: 2 })), CONTEXT);
  await publisher.publish(step('closed', gunshot({ revision: 3, durationSeconds: 2 })), CONTEXT);
  await ask({ incidentId, verdict: 'confirmed' });
  await publisher.publish(step('updated', gunshot({ revision: 4, durationSeconds: 3 })), CONTEXT);
  expect(await publisher.flush(10)).toBe(0);
  const seen = (await told(incidentId)).map(({ type, data }) => [
    data.revision,
    type.split('.')[2],
    data.state,
    data.review?.state,
    data.durationSeconds,
  ]);
  expect(seen).toEqual([
    [1, 'detected', 'open', undefined, 0.8],
    [2, 'updated', 'open', 'unsure', 0.8],
    [3, 'updated', 'open', 'unsure', 2],
    [4, 'closed', 'closed', 'unsure', 2],
    [5, 'updated', 'closed', 'confirmed', 2],
    [6, 'updated', 'closed', 'confirmed', 3],
  ]);
});

test('after a restart, an incident that only EVENTS remembers takes a verdict, closed as it is', async () => {
  const before = await desk();
  await before.publisher.publish(step('detected', gunshot()), CONTEXT);
  const last = (await before.publisher.publish(step('closed', gunshot({ revision: 2 })), CONTEXT))!;
  expect(await before.publisher.flush(10)).toBe(0);
  await before.connection.close();
  await before.publisher.close();
  const after = await desk();
  expect(after.publisher.lastOf(last.subject)).toBeUndefined();
  await ask({ incidentId: last.subject, verdict: 'confirmed' });
  await ask({ incidentId: last.subject, verdict: 'dismissed', reason: 'thunder' });
  expect(await after.publisher.flush(10)).toBe(0);
  const [, , third, fourth] = await told(last.subject);
  expect(third.data).toEqual({
    ...last.data,
    revision: 3,
    review: { state: 'confirmed', at: third.data.review!.at },
  });
  expect(fourth.data).toMatchObject({
    revision: 4,
    state: 'closed',
    review: { state: 'dismissed', reason: 'thunder' },
  });
});

test('a verdict that was stored by a process that died before telling of it is told by the next', async () => {
  const { connection, publisher, reviewer } = await desk();
  await publisher.publish(step('detected', gunshot()), CONTEXT);
  const { incidentId } = gunshot();
  await ask({ incidentId, verdict: 'unsure' });
  const [verdict] = await new VerdictLog(connection, SITE).since(new Date(0));
  const at = new Date(Date.now() + 1000).toISOString().replace('Z', '000Z');
  await new VerdictLog(connection, SITE).append({ ...verdict, verdict: 'confirmed', at });
  expect(await reviewer.mend()).toBe(1);
  expect(await reviewer.mend()).toBe(0);
  expect(await publisher.flush(10)).toBe(0);
  expect((await readRecentEvents(connection, SITE)).at(-1)!.data).toMatchObject({
    revision: 3,
    review: { state: 'confirmed', at },
  });
});

test('a request sent again because its answer was lost is one verdict; another word is another', async () => {
  const { connection, publisher } = await desk();
  await publisher.publish(step('detected', gunshot()), CONTEXT);
  const request = { incidentId: gunshot().incidentId, verdict: 'confirmed', operator: 'op-7' };
  const answers = await Promise.all([ask(request), ask(request)]);
  expect(answers[0]).toEqual(answers[1]);
  await ask({ ...request, note: 'Casings found.' });
  expect(await new VerdictLog(connection, SITE).since(new Date(0))).toHaveLength(2);
  expect(publisher.lastOf(request.incidentId)!.data.revision).toBe(3);
});

describe('what is refused is answered with its error, and leaves no trace', () => {
  const { incidentId } = gunshot();
  test.each([
    ['no JSON', '{"incidentId"', 'VERDICT_INVALID', 'JSON'],
    ['another verdict', { incidentId, verdict: 'maybe' }, 'VERDICT_INVALID', 'verdict'],
    ['another reason', { incidentId, verdict: 'dismissed', reason: 'dog' }, 'VERDICT_INVALID', 'fireworks'],
    ['a misspelt key', { incidentId, verdict: 'dismissed', reasons: 'other' }, 'VERDICT_INVALID', 'reasons'],
    ['a wildcard for an id', { incidentId: '>', verdict: 'dismissed' }, 'VERDICT_INVALID', 'incidentId'],
    [
      'a note without end',
      { incidentId, verdict: 'unsure', note: 'x'.repeat(501) },
      'VERDICT_INVALID',
      'note',
    ],
    ['more bytes than a verdict has', 'x'.repeat(9000), 'VERDICT_INVALID', 'bytes'],
    [
      'an incident nobody told of',
      { incidentId: 'feedfeed', verdict: 'unsure' },
      'INCIDENT_UNKNOWN',
      'feedfeed',
    ],
  ])('%s', async (_what, request, code, named) => {
    const { connection, publisher } = await desk();
    await publisher.publish(step('detected', gunshot()), CONTEXT);
    const { error } = (await ask(request)) as { error: { code: string; message: string } };
    expect(error.code).toBe(code);
    expect(error.message).toContain(named);
    expect(await new VerdictLog(connection, SITE).since(new Date(0))).toEqual([]);
    expect(publisher.lastOf(incidentId)!.data.revision).toBe(1);
  });

  test('a verdict that VERDICTS does not take: it does not count, and the error says so', async () => {
    const { connection, publisher } = await desk();
    await publisher.publish(step('detected', gunshot()), CONTEXT);
    await (await connection.jetstreamManager()).streams.delete('VERDICTS');
    const { error } = (await ask({ incidentId, verdict: 'confirmed' })) as { error: { code: string } };
    expect(error.code).toBe('VERDICT_NOT_KEPT');
    expect(publisher.lastOf(incidentId)!.data.review).toBeUndefined();
  });
});

test('an exercise’s event can be judged too, and stays an exercise', async () => {
  const { publisher } = await desk();
  await publisher.publish(step('detected', gunshot()), { ...CONTEXT, exercise: true });
  const answer = (await ask({
    incidentId: gunshot().incidentId,
    verdict: 'confirmed',
  })) as unknown as RecordedVerdict;
  expect(answer.incident.exercise).toBe(true);
  expect(publisher.lastOf(answer.incidentId)).toMatchObject({
    source: `/clameur/${SITE}/exercise`,
    data: { exercise: true, review: { state: 'confirmed' } },
  });
});

test('a flood of verdicts is refused past what may wait, and what was taken is answered', async () => {
  const { publisher, reviewer } = await desk();
  const { data } = (await publisher.publish(step('detected', gunshot()), CONTEXT))!;
  const { incidentId } = data;
  const given = Array.from({ length: 1200 }, () => reviewer.record({ incidentId, verdict: 'unsure' }));
  const answers = await Promise.allSettled(given);
  const refused = answers.flatMap((one) =>
    one.status === 'rejected' ? [one.reason as { code: string }] : [],
  );
  expect(refused).toHaveLength(200);
  expect(new Set(refused.map(({ code }) => code))).toEqual(new Set(['VERDICT_NOT_KEPT']));
}, 120_000);

test('a verdict cannot have its answer said as an event, nor in any other name of the site', async () => {
  const { publisher } = await desk();
  const { data } = (await publisher.publish(step('detected', gunshot()), CONTEXT))!;
  await publisher.flush(20);
  const verdict = JSON.stringify({ incidentId: data.incidentId, verdict: 'confirmed' });
  for (const reply of [`events.${SITE}.gunshot`, `audit.${SITE}`, '$KV.clameur_claims.x'])
    hub.publish(`verdicts.${SITE}`, verdict, { reply });
  expect(await ask({ incidentId: 'nothing', verdict: 'confirmed' })).toHaveProperty('error');
  const { streams } = await hub.jetstreamManager();
  expect((await streams.info('EVENTS')).state.messages).toBe(1);
  expect((await streams.info('AUDIT')).state.messages).toBe(0);
});
