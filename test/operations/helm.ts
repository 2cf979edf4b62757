import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { ROOT } from '../support/service.js';

export interface Container {
  args: string[];
  securityContext: Record<string, unknown>;
  volumeMounts: Array<{ name: string; mountPath: string }>;
  resources: Record<string, unknown>;
  [probe: string]: unknown;
}
export interface PodSpec {
  containers: Container[];
  volumes: Array<{ name: string }>;
  securityContext: Record<string, unknown>;
  automountServiceAccountToken: boolean;
}
export interface Manifest {
  kind: string;
  metadata: { name: string; labels: Record<string, string> };
  data: Record<string, string>;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- deep, and of another shape for each kind
  spec: any;
}

const CHART = join(ROOT, 'charts/clameur');
/** Any that the chart's kubeVersion allows; a helm from Go's proxy knows none by itself. */
const KUBERNETES = '1.33.0';
export const VALUE_FILES = readdirSync(join(CHART, 'ci'));

export function helm(path: string, command: 'lint' | 'template', args: readonly string[]) {
  const all =
    command === 'lint'
      ? ['lint', CHART, '--strict', ...args]
      : ['template', 'here', CHART, '--kube-version', KUBERNETES, ...args];
  const site = `site.geojson=${join(ROOT, 'fixtures/site.geojson')}`;
  return spawnSync(path, [...all, '--set-file', site], { encoding: 'utf8' });
}

export const valueFile = (name: string): string[] => ['-f', join(CHART, 'ci', name)];

export function manifests(text: string): Manifest[] {
  return parseAllDocuments(text)
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null);
}

/** The pods that manifests make, with their labels. */
export function podsOf(
  all: readonly Manifest[],
): Array<{ labels: Record<string, string>; spec: PodSpec; claims: string[] }> {
  return all.flatMap(({ kind, metadata, spec }) => {
    if (kind === 'Pod') return [{ labels: metadata.labels, spec: spec as PodSpec, claims: [] }];
    if (kind !== 'Deployment' && kind !== 'StatefulSet') return [];
    const { template, volumeClaimTemplates = [] } = spec as {
      template: { metadata: Manifest['metadata']; spec: PodSpec };
      volumeClaimTemplates?: Manifest[];
    };
    const claims = volumeClaimTemplates.map(({ metadata: { name } }) => name);
    return [{ labels: template.metadata.labels, spec: template.spec, claims }];
  });
}
