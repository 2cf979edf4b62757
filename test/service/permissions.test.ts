import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type ConnectionOptions, type NatsConnection } from 'nats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { certificateAuthority } from '../support/certificates.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { plainFrame } from '../support/plain-pole.js';
import { clameur, ROOT, startService, waitFor, type RunningService } from '../support/service.js';

const SITE = join(ROOT, 'fixtures/site.geojson');
const POLE = 'audio.vieux-port.belges';

interface Rights {
  user: string;
  role: string;
  publish: string[];
  subscribe: string[];
}

let folder: string;
let nats: NatsServer;
let service: RunningService;
let users: Rights[];
const open: NatsConnection[] = [];

const permissions = async (...args: string[]): Promise<string> => {
  const { code, stdout, stderr } = await clameur(['permissions', '--site', SITE, ...args]);
  expect(code, stderr).toBe(0);
  return stdout;
};
const password = (user: string): string => `of-${user}`;

async function as(
  user: string,
  options: ConnectionOptions = {},
): Promise<{ nc: NatsConnection; refused: string[] }> {
  const nc = await connect({ servers: nats.url, user, pass: password(user), ...options });
  open.push(nc);
  const refused: string[] = [];
  void (async () => {
    for await (const { permissionContext } of nc.status())
      if (permissionContext) refused.push(permissionContext.subject);
  })();
  return { nc, refused };
}

/** Publishes and subscribes to each subject; gives those that the server refused. */
async function refusals(
  { nc, refused }: Awaited<ReturnType<typeof as>>,
  what: { publish?: string[]; subscribe?: string[] },
): Promise<string[]> {
  const before = refused.length;
  for (const subject of what.publish ?? []) nc.publish(subject, '{}');
  for (const subject of what.subscribe ?? []) nc.subscribe(subject, { callback: () => undefined });
  // The server answers in order: what it had to refuse, it has refused before this comes back.
  await nc.flush();
  await new Promise((resolve) => setTimeout(resolve, 50));
  return [...(what.publish ?? []), ...(what.subscribe ?? [])].filter((subject) =>
    refused.slice(before).includes(subject),
  );
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clameur-permissions-'));
  users = (await permissions('--format', 'json'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Rights);
  const conf = await permissions();
  await writeFile(join(folder, 'users.conf'), conf);
  await writeFile(join(folder, 'nats.conf'), 'include users.conf\n');
  for (const [, user, variable] of conf.matchAll(/user: "([^"]+)", password: \$(\w+)/g))
    process.env[variable] = password(user);
  nats = await startNatsServer(['-c', join(folder, 'nats.conf')]);
  const env = {
    CLAMEUR_EXERCISE: 'true',
    CLAMEUR_NATS_USER: 'clameur',
    CLAMEUR_NATS_PASSWORD: password('clameur'),
  };
  service = await startService(nats.url, { env });
  await service.ready();
});
afterAll(async () => {
  for (const nc of open) await nc.close();
  await service?.close();
  await nats?.close();
  await rm(folder, { recursive: true, force: true });
});

describe('with the users that clameur permissions makes', () => {
  it('the service has all the rights it needs, and a technician’s exercise reaches the hub, who answers', async () => {
    const env = {
      CLAMEUR_NATS_SERVERS: nats.url,
      CLAMEUR_NATS_USER: 'technician',
      CLAMEUR_NATS_PASSWORD: password('technician'),
    };
    const { code, stderr } = await clameur(['exercise', '--config', 'fixtures/clameur.yaml'], env);
    expect(code, stderr).toBe(0);
    const { nc: hub } = await as('hub');
    const manager = await hub.jetstreamManager();
    await manager.consumers.add('EVENTS', { durable_name: 'hub', ack_policy: 'explicit' as never });
    const consumer = await hub.jetstream().consumers.get('EVENTS', 'hub');
    const first = await consumer.next({ expires: 5000 });
    first?.ack();
    const event = first!.json<{ data: { class: string; exercise: boolean; incidentId: string } }>();
    expect(event).toMatchObject({ data: { class: 'gunshot', exercise: true } });
    const verdict = JSON.stringify({ incidentId: event.data.incidentId, verdict: 'confirmed' });
    const answer = await hub.request('verdicts.vieux-port', verdict, { timeout: 10_000 });
    expect(answer.json()).toMatchObject({ verdict: 'confirmed' });
    expect(service.log()).not.toMatch(/permission|violation/i);
  });

  it('a pole can publish its own subject and nothing else, and hears nothing', async () => {
    const pole = await as('pole-belges');
    const frames = async (): Promise<number> => {
      const text = await (await fetch(`${service.url}/metrics`)).text();
      return Number(/clameur_frames_total\{pole="belges"\} (\d+)/.exec(text)![1]);
    };
    const before = await frames();
    const now = BigInt(Date.now()) * 1_000_000n;
    const samples = new Int16Array(1600);
    pole.nc.publish(POLE, plainFrame({ startNanos: now, sequence: 1, rateHz: 16_000, samples }));
    await waitFor('its frame', async () => (await frames()) === before + 1);
    const others = [
      'audio.vieux-port.canebiere',
      'audio.vieux-port.belges.x',
      'audio.elsewhere.belges',
      'exercise.vieux-port.belges',
      'events.vieux-port.gunshot',
      'detections.vieux-port.belges.gunshot',
      'verdicts.vieux-port',
      'weather.vieux-port',
      '$JS.API.STREAM.CREATE.SOUND',
      '$JS.API.STREAM.DELETE.EVENTS',
    ];
    const subjects = ['events.vieux-port.gunshot', POLE, '_INBOX.x'];
    expect(await refusals(pole, { publish: others })).toEqual(others);
    expect(await refusals(pole, { subscribe: subjects })).toEqual(subjects);
  });

  it('a hub can read events and give verdicts, and nothing else', async () => {
    const hub = await as('hub');
    expect(
      await refusals(hub, { subscribe: ['events.vieux-port.>'], publish: ['verdicts.vieux-port'] }),
    ).toEqual([]);
    const others = [
      POLE,
      'events.vieux-port.gunshot',
      'reviews.vieux-port.x',
      'audit.vieux-port',
      'detections.vieux-port.belges.gunshot',
      'exercise.vieux-port.belges',
      '$JS.API.STREAM.DELETE.EVENTS',
      '$JS.API.STREAM.PURGE.EVENTS',
      '$JS.API.STREAM.UPDATE.EVENTS',
      '$JS.API.STREAM.MSG.DELETE.EVENTS',
      '$JS.API.CONSUMER.DELETE.EVENTS.other',
      '$JS.API.CONSUMER.DURABLE.CREATE.AUDIT.x',
      '$KV.clameur_claims.x',
    ];
    const subjects = ['audio.>', POLE, 'verdicts.vieux-port', 'reviews.>', 'audit.>'];
    expect(await refusals(hub, { publish: others })).toEqual(others);
    expect(await refusals(hub, { subscribe: subjects })).toEqual(subjects);
  });

  it('a technician sends exercises and never live sound; the weather’s sender the weather', async () => {
    const technician = await as('technician');
    const weather = await as('weather');
    const none = ['events.vieux-port.gunshot', POLE, 'verdicts.vieux-port', '$JS.API.STREAM.PURGE.EVENTS'];
    expect(await refusals(technician, { publish: ['exercise.vieux-port.belges'] })).toEqual([]);
    expect(await refusals(technician, { publish: none, subscribe: ['audio.>'] })).toEqual([
      ...none,
      'audio.>',
    ]);
    expect(await refusals(weather, { publish: ['weather.vieux-port'] })).toEqual([]);
    expect(await refusals(weather, { publish: none })).toEqual(none);
  });

  it('a listener tells no events, and a locator hears no sound', async () => {
    const listener = await as('listener');
    const locator = await as('locator');
    const sound = ['audio.vieux-port.>', 'exercise.vieux-port.>'];
    expect(
      await refusals(listener, { subscribe: sound, publish: ['detections.vieux-port.belges.gunshot'] }),
    ).toEqual([]);
    expect(await refusals(locator, { subscribe: sound })).toEqual(sound);
    const told = ['events.vieux-port.gunshot', 'reviews.vieux-port.x'];
    expect(await refusals(locator, { publish: told })).toEqual([]);
    expect(await refusals(listener, { publish: told })).toEqual(told);
  });

  it('a listener and a locator of their own have the rights they need: a technician’s exercise goes through both', async () => {
    await service.close();
    const own = (user: string) => ({
      env: {
        CLAMEUR_EXERCISE: 'true',
        CLAMEUR_NATS_USER: user,
        CLAMEUR_NATS_PASSWORD: password(user),
      },
      role: user === 'listener' ? 'listen' : 'locate',
    });
    const both = [
      await startService(nats.url, own('locator')),
      await startService(nats.url, own('listener')),
    ];
    for (const one of both) await one.ready();
    const { code, stderr } = await clameur(['exercise', '--config', 'fixtures/clameur.yaml'], {
      CLAMEUR_NATS_SERVERS: nats.url,
      CLAMEUR_NATS_USER: 'technician',
      CLAMEUR_NATS_PASSWORD: password('technician'),
    });
    expect(code, stderr).toBe(0);
    for (const one of both) expect(one.log()).not.toMatch(/permission|violation|waits on disk/i);
    for (const one of both) await one.close();
  }, 300_000);

  it('what a listener writes into the audit log or a claim it can have no consumer deliver as something else', async () => {
    const ways = [
      '$JS.API.CONSUMER.CREATE.AUDIT.x',
      '$JS.API.CONSUMER.DURABLE.CREATE.AUDIT.x',
      '$JS.API.CONSUMER.CREATE.KV_clameur_claims.x',
      '$JS.API.DIRECT.GET.KV_clameur_claims.$KV.clameur_claims.x',
      '$JS.API.DIRECT.GET.AUDIT',
    ];
    expect(await refusals(await as('listener'), { publish: ways })).toEqual(ways);
  });

  it('nobody else hears what the service is answered', async () => {
    const subject = ['_INBOX_clameur.>'];
    for (const user of ['hub', 'technician', 'weather', 'pole-belges'])
      expect(await refusals(await as(user), { subscribe: subject }), user).toEqual(subject);
  });

  it('nobody, not even the service, may take a stream away, change it or make one of sound’s own name', async () => {
    const verbs = ['DELETE', 'PURGE', 'UPDATE'].map((verb) => `$JS.API.STREAM.${verb}.EVENTS`);
    const all = [...verbs, '$JS.API.STREAM.MSG.DELETE.AUDIT', '$JS.API.STREAM.CREATE.SOUND'];
    for (const { user } of users) expect(await refusals(await as(user), { publish: all }), user).toEqual(all);
  });

  it('single events are deleted by who locates (what nobody confirmed) and by nobody else', async () => {
    const subject = '$JS.API.STREAM.MSG.DELETE.EVENTS';
    const may: string[] = [];
    for (const { user, role } of users)
      if ((await refusals(await as(user), { publish: [subject] })).length === 0) may.push(role);
    expect(may.sort()).toEqual(['locator', 'service']);
  });
});

describe('instead of passwords', () => {
  it('nkeys: the seeds stay in a folder, the server’s file holds none, and each opens its own user', async () => {
    const keys = join(folder, 'nkeys');
    const conf = await permissions('--proof', 'nkey', '--keys', keys);
    const seeds = await Promise.all((await readdir(keys)).map((name) => readFile(join(keys, name), 'utf8')));
    expect(seeds).toHaveLength(users.length);
    for (const seed of seeds) expect(conf).not.toContain(seed);
    expect(await permissions('--proof', 'nkey', '--keys', keys)).toBe(conf);
    await writeFile(join(folder, 'nkeys.conf'), conf);
    await inPlaceOf(['-c', join(folder, 'nkeys.conf')], async () => {
      const running = await startService(nats.url, { env: { CLAMEUR_NATS_NKEY: join(keys, 'clameur.nk') } });
      await running.ready();
      await running.close();
    });
  });

  it('client certificates: the common name is the user, and the service runs under mutual TLS', async () => {
    const authority = await certificateAuthority(folder);
    const server = await authority.issue('nats', true);
    const mine = await authority.issue('clameur');
    const pole = await authority.issue('pole-belges');
    await writeFile(join(folder, 'certificates.conf'), await permissions('--proof', 'certificate'));
    await writeFile(
      join(folder, 'tls.conf'),
      `include certificates.conf\ntls { cert_file: "${server.cert}", key_file: "${server.key}", ca_file: "${authority.ca}", verify_and_map: true }\n`,
    );
    await inPlaceOf(['-c', join(folder, 'tls.conf')], async () => {
      const env = {
        CLAMEUR_NATS_TLS_CA: authority.ca,
        CLAMEUR_NATS_TLS_CERT: mine.cert,
        CLAMEUR_NATS_TLS_KEY: mine.key,
      };
      const running = await startService(nats.url, { env });
      await running.ready();
      const tls = { caFile: authority.ca, certFile: pole.cert, keyFile: pole.key };
      const asPole = await as('', { user: undefined, pass: undefined, tls } as unknown as ConnectionOptions);
      expect(await refusals(asPole, { publish: [POLE] })).toEqual([]);
      expect(await refusals(asPole, { publish: ['audio.vieux-port.opera'] })).toEqual([
        'audio.vieux-port.opera',
      ]);
      await running.close();
    });
  });
});

async function inPlaceOf(args: string[], run: () => Promise<void>): Promise<void> {
  const before = nats;
  nats = await startNatsServer(args);
  try {
    await run();
  } finally {
    await nats.close();
    nats = before;
  }
}

it('the users of the fixture’s site that lie with the charts are those that the command makes', async () => {
  await expect(await permissions()).toMatchFileSnapshot(join(ROOT, 'charts/nats-users.conf'));
});
