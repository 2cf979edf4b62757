import { createServer, type AddressInfo } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../src/cli/demo-nats.js';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { clameur, ROOT, startService, waitFor } from '../support/service.js';

const CONFIG = join(ROOT, 'fixtures/clameur.yaml');

describe('starting the service', () => {
  let nats: NatsServer;
  let folder: string;
  beforeAll(async () => {
    nats = await startNatsServer();
    folder = await mkdtemp(join(tmpdir(), 'clameur-start-'));
  });
  afterAll(async () => {
    await nats.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('is up but not ready while NATS is away, and ready once it comes', async () => {
    await nats.stop();
    const service = await startService(nats.url);
    try {
      await service.ready(false);
      const answer = (await (await fetch(`${service.url}/readyz`)).json()) as { missing: string[] };
      expect(answer.missing).toContain('nats');
      await nats.restart();
      await service.ready();
    } finally {
      await service.close();
    }
  });

  it('comes back by itself after NATS has refused its user, from the start or for a while', async () => {
    const conf = join(folder, 'nats.conf');
    const letIn = (password: string): Promise<void> =>
      writeFile(conf, `jetstream {}\nauthorization { user: clameur, password: "${password}" }\n`);
    await letIn('other');
    const monitor = await freePort();
    const guarded = await startNatsServer(['-c', conf, '-m', String(monitor)]);
    const tries = async (): Promise<number> => {
      const answer = await fetch(`http://127.0.0.1:${monitor}/varz`);
      return ((await answer.json()) as { total_connections: number }).total_connections;
    };
    const service = await startService(guarded.url.replace('//', '//clameur:right@'));
    const reason = async (): Promise<string> => await (await fetch(`${service.url}/readyz`)).text();
    const restart = async (password: string): Promise<void> => {
      await letIn(password);
      await guarded.restart();
    };
    try {
      await waitFor('the reason', async () => /Authorization Violation/i.test(await reason()));
      await restart('right');
      await service.ready();
      await restart('other');
      await service.ready(false);
      // The library alone would give up after two.
      const before = await tries();
      await waitFor('five more tries', async () => (await tries()) >= before + 5);
      expect(service.log().match(/NATS (is gone|refuses the user)/g)).toEqual([
        'NATS is gone',
        'NATS refuses the user',
      ]);
      expect(await reason()).toContain('AUTHORIZATION_VIOLATION');
      await restart('right');
      await service.ready();
    } finally {
      await service.close();
      await guarded.close();
    }
  });

  it('says which port is taken and how to choose another', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    const result = await clameur(['serve', '--config', CONFIG], {
      CLAMEUR_NATS_SERVERS: nats.url,
      CLAMEUR_HTTP_PORT: String(port),
      CLAMEUR_DATA: join(folder, 'data'),
    });
    taken.close();
    expect(result.code).toBe(4);
    expect(result.stderr).toContain(`Port ${port}`);
    expect(result.stderr).toContain('CLAMEUR_HTTP_PORT');
  });

  it.each([
    ['an unknown key', 'site: site.geojson\nhtpp:\n  port: 1\n', 'htpp'],
    ['a value out of range', 'http:\n  port: 99999\n', 'http.port'],
    ['a site that is not there', 'site: nowhere.geojson\n', 'nowhere.geojson'],
    ['broken YAML', 'http: [\n', 'YAML'],
  ])('refuses %s by name and exits 2', async (_what, yaml, named) => {
    const file = join(folder, 'clameur.yaml');
    await writeFile(file, yaml);
    const result = await clameur(['serve', '--config', file], { CLAMEUR_NATS_SERVERS: nats.url });
    expect(result.code).toBe(2);
    expect(result.stderr).toContain(named);
  });
});
