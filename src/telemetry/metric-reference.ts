import { METRICS, type MetricDefinition } from './metric-table.js';

/** The reference page of the metrics; src/telemetry/README.md is this text, and a test finds it stale. */
export function metricReference(): string {
  const rows = Object.entries<MetricDefinition>(METRICS).map(([name, { type, help, labels }]) => {
    const shown = Object.entries(labels).map(([label, holds]) => `\`${label}\`: ${holds}`);
    return `| \`${name}\` | ${type} | ${shown.join('; ')} | ${help} |`;
  });
  return `# Metrics

\`/metrics\` answers in Prometheus's text format. Seconds and metres everywhere. No label takes a value from a sender: a
pole that is not in the site counts under \`other\`, so the number of series is bounded by the site. Beside these stand
prom-client's \`process_…\` and \`nodejs_…\`, as they were at the first scrape of each minute. Which of them wake somebody, and what to do then:
[charts/README.md](../../charts/README.md).

| metric | type | labels | meaning |
| --- | --- | --- | --- |
${rows.join('\n')}

This page is made from \`metric-table.ts\` by \`npx vitest run test/telemetry --update\`.
`;
}
