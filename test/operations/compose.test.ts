import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, copyFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { describe, expect, inject, it } from 'vitest';
import { parseService } from '../../src/config/index.js';
import { clameur, ROOT } from '../support/service.js';

interface ComposeService {
  image: string;
  command?: string[];
  volumes?: string[];
  ports?: string[];
}
const CHARTS = join(ROOT, 'charts');
const read = (file: string): string => readFileSync(join(CHARTS, file), 'utf8');
const compose = parse(read('compose.yaml')) as {
  services: Record<string, ComposeService>;
  volumes: Record<string, unknown>;
};
const services = Object.entries(compose.services);
const { promtool } = inject('tools');

describe('compose.yaml', () => {
  it.each(services)(
    '%s has an exact tag, ports of this machine only, and mounts what is there',
    (_name, one) => {
      expect(one.image).toMatch(/:v?\d+\.\d+\.\d+(-alpine)?$/);
      for (const port of one.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
      for (const mount of one.volumes ?? []) {
        const [source] = mount.split(':');
        if (source.startsWith('.')) expect(existsSync(resolve(CHARTS, source)), source).toBe(true);
        else expect(compose.volumes).toHaveProperty(source);
      }
    },
  );

  it('gives the service a configuration that it takes, with the site where it is mounted', () => {
    const { config } = parseService(read('compose/clameur.yaml'), '/etc/clameur/config/clameur.yaml');
    expect(compose.services['clameur'].volumes!.join()).toContain(config.site);
    expect(compose.services['clameur'].volumes!.join()).toContain(config.data);
    expect(config.http).toMatchObject({ host: '0.0.0.0', port: 8080 });
  });

  it('plays with a command that the program has', async () => {
    const [command, , ...options] = compose.services['play'].command!;
    const help = await clameur([command, '--help']);
    expect(help.code).toBe(0);
    for (const option of options.filter((word) => word.startsWith('--')))
      expect(help.stdout).toContain(option);
  });

  it('gives NATS a configuration that it takes', () => {
    const { status, stderr } = spawnSync('nats-server', ['-t', '-c', join(CHARTS, 'compose/nats.conf')], {
      encoding: 'utf8',
    });
    expect(status, stderr).toBe(0);
  });

  it.skipIf('missing' in promtool)(
    'gives Prometheus a configuration that it takes, rules and all',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'clameur-compose-'));
      await copyFile(join(CHARTS, 'compose/prometheus.yaml'), join(folder, 'prometheus.yml'));
      await copyFile(join(CHARTS, 'clameur/files/alerts.yaml'), join(folder, 'alerts.yaml'));
      const { status, stdout, stderr } = spawnSync(
        'promtool',
        ['check', 'config', join(folder, 'prometheus.yml')],
        { encoding: 'utf8' },
      );
      await rm(folder, { recursive: true });
      expect(status, stdout + stderr).toBe(0);
      expect(stdout).toMatch(/SUCCESS: \d+ rules found/);
    },
  );

  it('shows Grafana the dashboard where its provider looks, and the Prometheus beside it', () => {
    const mounts = compose.services['grafana'].volumes!.join();
    const { providers } = parse(read('compose/grafana/dashboards.yaml')) as {
      providers: Array<{ options: { path: string } }>;
    };
    expect(mounts).toContain(`${providers[0].options.path}/clameur.json`);
    const { datasources } = parse(read('compose/grafana/datasource.yaml')) as {
      datasources: Array<{ type: string; url: string }>;
    };
    expect(datasources).toMatchObject([{ type: 'prometheus', url: 'http://prometheus:9090' }]);
    expect(compose.services).toHaveProperty('prometheus');
  });
});
