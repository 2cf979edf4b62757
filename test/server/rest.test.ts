import { Ajv2020 } from 'ajv/dist/2020.js';
import formatsModule from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { clameur, ROOT, startService, waitFor, type RunningService } from '../support/service.js';
import { accessFile } from '../support/access.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { tarOf, zipOf } from './archives.js';

interface OpenApi {
  paths: Record<
    string,
    Record<string, { responses: Record<string, { content?: Record<string, { schema: object }> }> }>
  >;
  components: { schemas: Record<string, object> };
}

const access = accessFile();
const headers = { Authorization: `Bearer ${access.tokens.operator}` };

let nats: NatsServer;
let service: RunningService;
let document: OpenApi;
let validators: Ajv2020;
const formats = formatsModule as unknown as (ajv: Ajv2020) => void;

const ask = (path: string, init: RequestInit = {}) =>
  fetch(`${service.url}/api/v1${path}`, { ...init, headers });

/** Asks, and holds the answer against what the document says of that path. */
async function held<T = Record<string, unknown>>(
  template: string,
  path = template,
  method = 'get',
): Promise<T> {
  const answer = await ask(path, { method });
  const described = document.paths[template][method].responses[answer.status];
  expect(described, `${template} answered ${answer.status}: ${await answer.clone().text()}`).toBeDefined();
  const [media, { schema }] = Object.entries(described.content!)[0];
  expect(answer.headers.get('content-type')).toContain(media);
  const body = (await answer.json()) as T;
  const validate = validators.compile({ ...schema, components: document.components });
  expect(validate(body), JSON.stringify(validate.errors)).toBe(true);
  return body;
}

const upload = (name: string, body: Uint8Array) =>
  ask(`/replays?name=${encodeURIComponent(name)}`, { method: 'POST', body: body as BodyInit });
const fixture = (path: string) => readFile(join(ROOT, 'fixtures', path));
const sceneFiles = async (folder: string, names: string[]) =>
  Promise.all(names.map(async (name) => [name, await fixture(`${folder}/${name}`)] as [string, Buffer]));

beforeAll(async () => {
  nats = await startNatsServer();
  service = await startService(nats.url, {
    env: { ...access.env, CLAMEUR_HTTP_REQUESTS_PER_MINUTE: '100000' },
  });
  await service.ready();
  document = (await (await ask('/openapi.json')).json()) as OpenApi;
  validators = new Ajv2020({ strict: false });
  formats(validators);
  // Two replays of one scene, sent to this hub as events: the history that is searched here.
  const sent = await clameur(['replay', 'fixtures/positive/three-shots', '--publish', nats.url]);
  expect(sent.code, sent.stderr).toBe(0);
  await waitFor('the incident to be in the history', async () => {
    const { incidents } = (await (await ask('/incidents')).json()) as { incidents: unknown[] };
    return incidents.length > 0;
  });
}, 600_000);
afterAll(async () => {
  await service?.close();
  await nats?.close();
});

describe('every answer is as the OpenAPI document says', () => {
  test.each([
    '/status',
    '/site',
    '/poles',
    '/about',
    '/statistics',
    '/incidents',
    '/export/incidents.geojson',
  ])('%s', (path) => held(path));

  test('a pole, its levels, and a pole that there is not', async () => {
    expect(await held('/poles/{pole}', '/poles/belges')).toMatchObject({ pole: 'belges', state: 'waiting' });
    await held('/poles/{pole}/levels', '/poles/belges/levels');
    expect(await held('/poles/{pole}', '/poles/nowhere')).toMatchObject({ code: 'POLE_UNKNOWN' });
  });

  test('one incident’s whole life, from detected to closed, in order of revision', async () => {
    const { incidents } = await held<{ incidents: Array<{ incidentId: string }> }>('/incidents');
    const path = `/incidents/${incidents[0].incidentId}`;
    const { events } = await held<{ events: Array<{ type: string; data: { revision: number } }> }>(
      '/incidents/{id}',
      path,
    );
    expect(events[0].type).toContain('detected');
    expect(events.at(-1)!.type).toContain('closed');
    const revisions = events.map(({ data }) => data.revision);
    expect(revisions).toEqual([...revisions].sort((a, b) => a - b));
    expect(await held('/incidents/{id}', '/incidents/none')).toMatchObject({ code: 'INCIDENT_UNKNOWN' });
  });
});

describe('incidents are searched', () => {
  test.each([
    ['class=gunshot', 1],
    ['class=explosion,crowd_clamour', 0],
    ['from=2026-01-01T00:00:00Z', 1],
    ['to=2026-01-01T00:00:00Z', 0],
    ['bbox=5.3,43.2,5.5,43.4', 1],
    ['bbox=0,0,1,1', 0],
    ['pole=belges', 1],
    ['pole=nowhere', 0],
    ['minConfidence=0.2', 1],
    ['verdict=none', 1],
    ['verdict=confirmed', 0],
    ['exercise=true', 0],
  ])('by %s', async (query, count) => {
    const { incidents } = await held<{ incidents: unknown[] }>('/incidents', `/incidents?${query}`);
    expect(incidents).toHaveLength(count);
    expect(await held('/statistics', `/statistics?${query}`)).toMatchObject({ total: count });
  });

  test.each(['class=fireworks', 'from=yesterday', 'bbox=1,2,3', 'limit=0', 'minConfidence=2', 'colour=red'])(
    'and %s is refused with the parameter’s name',
    async (query) => {
      const error = await held('/incidents', `/incidents?${query}`);
      expect(error).toMatchObject({ code: 'QUERY_INVALID' });
      expect(error['message']).toContain(`Parameter ${query.split('=')[0]}:`);
    },
  );

  test('and exported as CSV, a header and a line each', async () => {
    const lines = (await (await ask('/export/incidents.csv')).text()).trim().split('\r\n');
    expect(lines[0]).toMatch(/^incidentId,revision,state,class,confidence,onset/);
    expect(lines).toHaveLength(2);
  });
});

test('/live says hello, and tells poles and levels', async () => {
  const abort = new AbortController();
  const answer = await ask('/live', { signal: abort.signal });
  expect(answer.headers.get('content-type')).toContain('text/event-stream');
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk);
    if (text.includes('event: levels')) break;
  }
  abort.abort();
  expect(text).toMatch(/^event: hello\n/);
  expect(text).toContain('event: poles');
});

describe('a recording is replayed', () => {
  const done = async (answer: Response) => {
    expect(answer.status, await answer.clone().text()).toBe(202);
    const { id } = (await answer.json()) as { id: string };
    let session: { state: string } = { state: 'running' };
    await waitFor(
      'the replay to end',
      async () => {
        session = await held('/replays/{id}', `/replays/${id}`);
        return session.state !== 'running';
      },
      400,
    );
    return { id, ...session };
  };
  const threeShots = async () => {
    const scene = JSON.parse(String(await fixture('positive/three-shots/scene.json'))) as {
      recordings: Array<{ file: string }>;
    };
    return sceneFiles('positive/three-shots', [
      'scene.json',
      'site.geojson',
      ...scene.recordings.map(({ file }) => file),
    ]);
  };

  test('a zip of a scene, in memory: report as JSON and as one HTML file; a second upload waits its turn', async () => {
    const zip = zipOf((await threeShots()).map(([name, bytes]) => [`three-shots/${name}`, bytes]));
    const first = await upload('three-shots.zip', zip);
    const second = await upload('three-shots.zip', zip);
    expect(second.status).toBe(409);
    expect(await second.json()).toMatchObject({ code: 'REPLAY_BUSY' });
    const { id, state } = await done(first);
    expect(state).toBe('done');
    const report = await held('/replays/{id}/report.json', `/replays/${id}/report.json`);
    expect(report).toMatchObject({ site: 'vieux-port', check: { ok: true }, failures: [] });
    expect((await ask(`/replays/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect(await held('/replays/{id}', `/replays/${id}`)).toMatchObject({ code: 'REPLAY_UNKNOWN' });
  }, 600_000);

  test('a tar.gz of a scene too, and a single file', async () => {
    expect((await done(await upload('scene.tar.gz', gzipSync(tarOf(await threeShots()))))).state).toBe(
      'done',
    );
    const alone = await done(await upload('quai.flac', await fixture('positive/single-shot/belges.flac')));
    expect(alone.state).toBe('done');
  }, 600_000);

  test('a recording that is cut short says so, and the service goes on', async () => {
    const flac = await fixture('positive/single-shot/belges.flac');
    const { id } = await done(await upload('cut.flac', flac.subarray(0, 3000)));
    const report = await held('/replays/{id}/report.json', `/replays/${id}/report.json`);
    expect(report).toMatchObject({ failures: [{ code: 'RECORDING_UNREADABLE' }] });
    expect((await fetch(`${service.url}/healthz`)).ok).toBe(true);
  }, 600_000);

  test.each([
    ['a picture', Buffer.from('\x89PNG\r\n\x1a\n not sound at all'), 415, 'UPLOAD_TYPE'],
    ['nothing', Buffer.alloc(0), 415, 'UPLOAD_TYPE'],
    ['a path that leads out', zipOf([['../../etc/passwd', Buffer.from('x')]]), 400, 'UPLOAD_INVALID'],
    ['an absolute path', tarOf([['/etc/passwd', Buffer.from('x')]]), 400, 'UPLOAD_INVALID'],
    ['a zip without sound', zipOf([['notes.txt', Buffer.from('x')]]), 400, 'UPLOAD_INVALID'],
    ['a zip that is cut', zipOf([['a.wav', Buffer.alloc(2000, 7)]]).subarray(0, 60), 400, 'UPLOAD_INVALID'],
    ['a bomb', zipOf([['a.wav', Buffer.alloc(400 * 1024 * 1024)]]), 413, 'UPLOAD_TOO_LARGE'],
    [
      'a bomb that lies about its size',
      zipOf([['a.wav', Buffer.alloc(400 * 1024 * 1024)]], 1000),
      413,
      'UPLOAD_TOO_LARGE',
    ],
    ['a gzip bomb', gzipSync(Buffer.alloc(400 * 1024 * 1024)), 413, 'UPLOAD_TOO_LARGE'],
  ])('%s is refused', async (_what, body, status, code) => {
    const answer = await upload('upload', body);
    expect([answer.status, await answer.json()]).toMatchObject([status, { code }]);
  });

  test('more than the limit is refused before it is read', async () => {
    const answer = await upload('long.wav', Buffer.alloc(101 * 1024 * 1024));
    expect([answer.status, await answer.json()]).toMatchObject([413, { code: 'UPLOAD_TOO_LARGE' }]);
  });
});
