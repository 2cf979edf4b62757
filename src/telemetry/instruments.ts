import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { METRICS, type MetricDefinition, type MetricName } from './metric-table.js';

type LabelsOf<N extends MetricName> = Extract<keyof (typeof METRICS)[N]['labels'], string>;
type Instrument<N extends MetricName> = {
  counter: Counter<LabelsOf<N>>;
  gauge: Gauge<LabelsOf<N>>;
  histogram: Histogram<LabelsOf<N>>;
}[(typeof METRICS)[N]['type']];

/** What counts, by the name it has in Prometheus. */
export type Instruments = { readonly [N in MetricName]: Instrument<N> };

/** One instrument a line of the table. `collect`: what to bring up to date just before a scrape. */
export function makeInstruments(
  registry: Registry,
  collect: Partial<Record<MetricName, () => void>> = {},
): Instruments {
  return Object.fromEntries(
    Object.entries(METRICS).map(([name, definition]) => {
      const refresh = collect[name as MetricName];
      const options = {
        name,
        help: definition.help,
        labelNames: Object.keys(definition.labels),
        registers: [registry],
      };
      return [name, make(definition, options, refresh)];
    }),
  ) as unknown as Instruments;
}

/** What costs more to count as it happens than to read at a scrape has a `refresh`. */
function make(
  { type, buckets }: MetricDefinition,
  options: { name: string; help: string; labelNames: string[]; registers: Registry[] },
  refresh: (() => void) | undefined,
): unknown {
  const collected = { ...options, ...(refresh && { collect: refresh }) };
  if (type === 'counter') return new Counter(collected);
  if (type === 'histogram') return new Histogram({ ...options, buckets: buckets! });
  return new Gauge(collected);
}
