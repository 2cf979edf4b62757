import type { Site } from '../config/index.js';
import type { FeedState, SoundBlock } from '../feeds/index.js';
import type { PoleStatus } from '../server/index.js';
import type { Logger, Metrics } from '../telemetry/index.js';

interface Known {
  state: FeedState;
  reason?: string;
  lastMillis?: number;
  clockUncertaintySeconds?: number;
}

/** What the page, the metrics and the log know of the live poles. */
export class LivePoles {
  readonly #site: Site;
  readonly #metrics: Metrics;
  readonly #log: Logger;
  readonly #known = new Map<string, Known>();

  constructor(site: Site, metrics: Metrics, log: Logger) {
    this.#site = site;
    this.#metrics = metrics;
    this.#log = log;
    for (const { pole } of site.poles) this.#known.set(pole, { state: 'waiting' });
  }

  block(pole: string, block: SoundBlock): void {
    const known = this.#known.get(pole);
    if (!known) return;
    known.lastMillis = performance.now();
    delete known.clockUncertaintySeconds;
    if (block.clockUncertaintySeconds !== undefined)
      known.clockUncertaintySeconds = block.clockUncertaintySeconds;
  }

  state(pole: string, state: FeedState, reason?: string): void {
    const known = this.#known.get(pole);
    if (!known) return;
    known.state = state;
    delete known.reason;
    if (reason !== undefined) known.reason = reason;
    this.#metrics.feedState(pole, state);
    this.#log.info({ pole, state, reason }, 'feed state');
  }

  status(): PoleStatus[] {
    const now = performance.now();
    return this.#site.poles.map(({ pole, position, recorded }) => {
      const { state, reason, lastMillis, clockUncertaintySeconds } = this.#known.get(pole)!;
      return {
        pole,
        position,
        recorded,
        state,
        ...(reason !== undefined && { reason }),
        ...(lastMillis !== undefined && { lastFrameAgeSeconds: (now - lastMillis) / 1000 }),
        ...(clockUncertaintySeconds !== undefined && { clockUncertaintySeconds }),
      };
    });
  }
}
