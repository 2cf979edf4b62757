import { createServer, type AddressInfo } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startNatsServer, type NatsServer } from '../support/nats-server.js';
import { clameur, ROOT, startService } from '../support/service.js';

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
