import { collectDefaultMetrics, Registry } from 'prom-client';

const MINUTE_MILLIS = 60_000;
/** Gauges that prom-client names as counters, against Prometheus's rules; the `nodejs_active_*` gauges tell the same by type. */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/**
 * What prom-client tells of the process, as it was at the first scrape of each minute. An impulse costs a look of the
 * model: read every second, the processor's time alone told words apart.
 */
export class ProcessMetrics {
  readonly registry = new Registry();
  #minute: number | undefined;
  #text = '';

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    for (const name of MISNAMED) this.registry.removeSingleMetric(name);
  }

  async text(nowMillis: number): Promise<string> {
    const minute = Math.floor(nowMillis / MINUTE_MILLIS);
    if (this.#minute !== minute) {
      this.#minute = minute;
      this.#text = await this.registry.metrics();
    }
    return this.#text;
  }
}
