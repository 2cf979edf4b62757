import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { expect, it } from 'vitest';
import { METRICS } from '../../src/telemetry/index.js';
import { ROOT } from '../support/service.js';
import { dashboardQueries } from './dashboard.js';

interface Rule {
  alert: string;
  expr: string;
  annotations: { summary: string; runbook: string };
  labels: { severity: string };
}

const text = (file: string): Promise<string> => readFile(join(ROOT, file), 'utf8');
const { groups } = parse(await text('charts/clameur/files/alerts.yaml')) as {
  groups: Array<{ rules: Rule[] }>;
};
const rules = groups.flatMap((group) => group.rules);

it('every alert is explained on the operations page, and no other', async () => {
  const page = await text('charts/README.md');
  const explained = [...page.matchAll(/^### (\w+)$/gm)].map(([, name]) => name);
  expect(explained).toEqual(rules.map(({ alert }) => alert));
  for (const { alert, annotations, labels } of rules) {
    expect(annotations.runbook).toBe(`charts/README.md#${alert.toLowerCase()}`);
    expect(annotations.summary).not.toBe('');
    expect(['critical', 'warning']).toContain(labels.severity);
  }
});

it('rules and dashboard ask only for metrics that there are, with labels that they have', async () => {
  const queries = [
    ...rules.map(({ expr }) => expr),
    ...(await dashboardQueries()).map(({ expression }) => expression),
  ];
  for (const query of queries)
    for (const [, name, selector = ''] of query.matchAll(
      /(clameur_\w+?)(?:_bucket)?(?:\{([^}]*)\}|(?!\w))/g,
    )) {
      expect(Object.keys(METRICS), query).toContain(name);
      const labels = Object.keys(METRICS[name as keyof typeof METRICS].labels);
      for (const [, label] of selector.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g))
        expect(['job', 'instance', ...labels], query).toContain(label);
    }
});
