import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { describe, expect, inject, it } from 'vitest';
import { parseService, parseSite } from '../../src/config/index.js';
import { demandOperatorRecord } from '../../src/privacy/index.js';
import { ROOT } from '../support/service.js';
import { helm, manifests, podsOf, VALUE_FILES, valueFile, type Manifest } from './helm.js';

const { helm: found, kubernetesValidate, promtool } = inject('tools');
const path = 'path' in found ? found.path : 'helm';

function template(args: readonly string[]): Manifest[] {
  const { status, stdout, stderr } = helm(path, 'template', args);
  expect(status, stderr).toBe(0);
  return manifests(stdout);
}

function matches(selector: Record<string, string>, labels: Record<string, string>): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}

describe.skipIf('missing' in found).each(VALUE_FILES)('the chart with %s', (file) => {
  const all = 'path' in found ? template(valueFile(file)) : [];
  const of = (kind: string): Manifest[] => all.filter((manifest) => manifest.kind === kind);

  it('is taken by helm lint', () => {
    const { status, stdout } = helm(path, 'lint', valueFile(file));
    expect(status, stdout).toBe(0);
  });

  it.skipIf('missing' in kubernetesValidate)('gives what Kubernetes takes, field by field', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'clameur-chart-'));
    const manifest = join(folder, 'all.yaml');
    await writeFile(manifest, helm(path, 'template', valueFile(file)).stdout);
    const tool = (kubernetesValidate as { path: string }).path;
    const { status, stdout, stderr } = spawnSync(tool, ['--strict', '-k', '1.33', '--no-warn', manifest], {
      encoding: 'utf8',
    });
    await rm(folder, { recursive: true });
    expect(status, stdout + stderr).toBe(0);
    expect((stdout + stderr).match(/ passed for resource /g)?.length).toBeGreaterThan(3);
  });

  it('gives the service a configuration and a site that it takes', () => {
    const [config] = of('ConfigMap').flatMap(({ data }) => data['clameur.yaml'] ?? []);
    const { config: read } = parseService(config, '/etc/clameur/config/clameur.yaml');
    expect(read).toMatchObject({
      site: '/etc/clameur/site/site.geojson',
      data: '/var/lib/clameur',
      http: { host: '0.0.0.0', port: 8080 },
    });
    for (const site of of('ConfigMap').flatMap(({ data }) => data['site.geojson'] ?? []))
      expect(parseSite(JSON.parse(site), 'site.geojson').poles.length).toBeGreaterThan(3);
  });

  it('gives all that the configuration names a place: files in volumes that are mounted', () => {
    const data = of('ConfigMap').find((one) => 'clameur.yaml' in one.data)!.data;
    const named = [...data['clameur.yaml'].matchAll(/ (\/etc\/clameur\/(\S+)\/\S+)$/gm)];
    for (const { spec, labels } of podsOf(all))
      for (const [, , folder] of labels['app.kubernetes.io/component'] === 'exercise' ? [] : named)
        expect(spec.containers[0].volumeMounts.map(({ mountPath }) => mountPath)).toContain(
          `/etc/clameur/${folder}`,
        );
    const inConfig = named.flatMap(([, file, folder]) =>
      folder === 'config' ? [file.slice(file.lastIndexOf('/') + 1)] : [],
    );
    for (const file of inConfig) expect(Object.keys(data)).toContain(file);
  });

  it('runs every container without root, rights or a writable root', () => {
    const pods = podsOf(all);
    expect(pods.length).toBeGreaterThan(0);
    for (const { spec } of pods) {
      expect(spec.automountServiceAccountToken).toBe(false);
      expect(spec.securityContext).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      for (const container of spec.containers) {
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        expect(container.resources).toHaveProperty('limits.memory');
      }
    }
  });

  it('mounts only volumes that are there, and gives the service’s pods their three probes', () => {
    for (const { spec, claims, labels } of podsOf(all))
      for (const container of spec.containers) {
        const names = new Set([...spec.volumes.map(({ name }) => name), ...claims]);
        for (const { name } of container.volumeMounts) expect(names).toContain(name);
        if (labels['app.kubernetes.io/component'] === 'exercise') continue;
        for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe'])
          expect(container).toHaveProperty(`${probe}.httpGet.port`, 'http');
      }
  });

  it('has selectors that each find a pod, and no two workloads share one', () => {
    const pods = podsOf(all).filter(({ labels }) => labels['app.kubernetes.io/component'] !== 'exercise');
    const finds = (selector: Record<string, string>): number =>
      pods.filter(({ labels }) => matches(selector, labels)).length;
    for (const { spec } of [...of('Deployment'), ...of('StatefulSet'), ...of('PodDisruptionBudget')])
      expect(finds(spec.selector.matchLabels)).toBe(1);
    for (const { spec } of of('Service')) expect(finds(spec.selector)).toBe(pods.length);
    for (const { spec } of of('NetworkPolicy')) expect(finds(spec.podSelector.matchLabels)).toBe(pods.length);
    for (const { spec } of of('HorizontalPodAutoscaler'))
      expect(of('Deployment').map(({ metadata }) => metadata.name)).toContain(spec.scaleTargetRef.name);
    for (const { spec } of of('ServiceMonitor')) {
      const services = of('Service').filter(({ metadata }) =>
        matches(spec.selector.matchLabels, metadata.labels),
      );
      expect(services).toHaveLength(1);
      const ports = services[0].spec.ports.map(({ name }: { name: string }) => name);
      for (const { port } of spec.endpoints) expect(ports).toContain(port);
    }
  });
});

describe.skipIf('missing' in found)('the chart', () => {
  it('runs in production: with the operator’s record, a kill switch and one key for the audit log', async () => {
    const all = template(valueFile('city-values.yaml'));
    const { data } = all.find((one) => one.kind === 'ConfigMap' && 'clameur.yaml' in one.data)!;
    const { config } = parseService(data['clameur.yaml'], '/etc/clameur/config/clameur.yaml');
    expect(config).toMatchObject({
      mode: 'production',
      transparency: '/etc/clameur/config/transparency.yaml',
      killSwitch: '/etc/clameur/switch/switch',
      audit: { key: '/etc/clameur/audit/audit-key.pem' },
    });
    const folder = await mkdtemp(join(tmpdir(), 'clameur-record-'));
    const file = join(folder, 'transparency.yaml');
    await writeFile(file, data['transparency.yaml']);
    const record = await demandOperatorRecord('production', file, Date.UTC(2026, 11));
    await rm(folder, { recursive: true });
    expect(record?.legalBasis).toContain('none is claimed');
  });

  it('lets helm test be the technician, for the service’s own user may send no exercises', () => {
    const secretsOf = (file: string, component: string): string => {
      const all = podsOf(template(valueFile(file)));
      return JSON.stringify(all.filter(({ labels }) => labels['app.kubernetes.io/component'] === component));
    };
    const [test, service] = ['exercise', 'locate'].map((one) => secretsOf('city-values.yaml', one));
    for (const name of ['nats', 'tls']) {
      expect(test).toContain(`technician-${name}`);
      expect(test).not.toContain(`clameur-${name}`);
      expect(service).toContain(`clameur-${name}`);
      expect(service).not.toContain('technician');
    }
    for (const own of ['clameur-access', 'clameur-audit', 'clameur-switch']) {
      expect(test).not.toContain(own);
      expect(service).toContain(own);
    }
    expect(secretsOf('by-password-values.yaml', 'exercise')).toContain('CLAMEUR_NATS_USER');
    expect(secretsOf('by-password-values.yaml', 'all')).not.toContain('technician');
  });

  it('lets in what cameras send by UDP, and out to where else it is told', () => {
    const all = template(valueFile('city-values.yaml'));
    const { ingress, egress } = all.find(({ kind }) => kind === 'NetworkPolicy')!.spec;
    expect(ingress).toContainEqual({
      ports: [{ protocol: 'UDP' }],
      from: [{ ipBlock: { cidr: '10.20.0.0/16' } }],
    });
    expect(egress).toContainEqual({ to: [{ ipBlock: { cidr: '10.30.0.7/32' } }], ports: [{ port: 443 }] });
  });

  it('ships the tested rules and the tested dashboard, word for word', async () => {
    const all = template(valueFile('city-values.yaml'));
    const rules = all.find(({ kind }) => kind === 'PrometheusRule')!.spec;
    const dashboard = all.find(({ metadata }) => metadata.name.endsWith('-dashboard'))!.data['clameur.json'];
    const shipped = await readFile(join(ROOT, 'charts/clameur/files/dashboard.json'), 'utf8');
    expect(JSON.parse(dashboard)).toEqual(JSON.parse(shipped));
    if ('missing' in promtool) return;
    const folder = await mkdtemp(join(tmpdir(), 'clameur-rules-'));
    await writeFile(join(folder, 'rules.yaml'), stringify(rules));
    const { stdout } = spawnSync('promtool', ['check', 'rules', join(folder, 'rules.yaml')], {
      encoding: 'utf8',
    });
    await rm(folder, { recursive: true });
    const text = await readFile(join(ROOT, 'charts/clameur/files/alerts.yaml'), 'utf8');
    expect(stdout).toContain(`SUCCESS: ${text.match(/- alert: /g)!.length} rules found`);
  });

  it('splits into listeners without a disk and locators with one, each told its role', () => {
    const all = template(['--set', 'mode=split']);
    const pods = podsOf(all);
    const args = pods.map(({ spec }) => spec.containers[0].args.slice(-2));
    expect(args).toEqual(
      expect.arrayContaining([
        ['--role', 'listen'],
        ['--role', 'locate'],
      ]),
    );
    const locate = all.find(({ kind }) => kind === 'StatefulSet')!;
    expect(locate.spec.volumeClaimTemplates).toHaveLength(1);
    expect(all.find(({ kind }) => kind === 'Deployment')!.spec.volumeClaimTemplates).toBeUndefined();
  });

  it('restarts the pods when the configuration changes', () => {
    const sums = ['a', 'b'].map(
      (name) =>
        template(['--set', `config.nats.name=${name}`]).find(({ kind }) => kind === 'StatefulSet')!.spec
          .template.metadata.annotations['checksum/config'] as string,
    );
    expect(sums[0]).not.toBe(sums[1]);
  });

  it.each([
    ['a key of the service that is mistyped', ['--set', 'config.nats.server=x'], /nats.*server/s],
    ['a value of the service out of range', ['--set', 'config.model.workers=1000'], /workers/],
    ['a password in the open', ['--set', 'config.nats.password=x'], /password/],
    ['a path that is the chart’s', ['--set', 'config.data=/x'], /data/],
    ['a mistyped value of the chart', ['--set', 'mod=split'], /mod/],
    ['a mode that there is not', ['--set', 'mode=both'], /mode/],
    ['no poles', ['--set', 'site.geojson='], /--set-file site\.geojson/],
  ])('refuses %s, by name', (what, args, message) => {
    const site =
      what === 'no poles' ? [] : ['--set-file', `site.geojson=${join(ROOT, 'fixtures/site.geojson')}`];
    const { status, stderr } = spawnSync(
      path,
      ['template', 'x', join(ROOT, 'charts/clameur'), '--kube-version', '1.33.0', ...site, ...args],
      { encoding: 'utf8' },
    );
    expect(status).not.toBe(0);
    expect(stderr).toMatch(message);
  });
});
