import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { chartReadme, chartValuesSchema } from '../support/chart-values.js';
import { ROOT } from '../support/service.js';

interface Schema {
  properties: Record<string, Schema>;
  additionalProperties?: unknown;
}

test('the chart’s schema and page are those of its values and of the service (stale? npx vitest run test/config --update)', async () => {
  const values = await readFile(join(ROOT, 'charts/clameur/values.yaml'), 'utf8');
  await expect(chartValuesSchema(values)).toMatchFileSnapshot('../../charts/clameur/values.schema.json');
  await expect(chartReadme(values)).toMatchFileSnapshot('../../charts/clameur/README.md');
});

test('no secret can be given in the chart’s config, where a ConfigMap would show it', async () => {
  const values = await readFile(join(ROOT, 'charts/clameur/values.yaml'), 'utf8');
  const { config } = (JSON.parse(chartValuesSchema(values)) as Schema).properties;
  const { nats } = config.properties;
  expect(Object.keys(nats.properties)).toContain('servers');
  for (const secret of ['password', 'token', 'credentials', 'nkey', 'tls'])
    expect(Object.keys(nats.properties)).not.toContain(secret);
  expect(config.additionalProperties).toBe(false);
});
