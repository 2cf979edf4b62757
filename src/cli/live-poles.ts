import type { Site } from '../config/index.js';
import type { FeedCounters, FeedState, SoundBlock } from '../feeds/index.js';
import type { ScoredPatch } from '../listen/index.js';
import { PoleMeter, type PoleStatus, type PoleStrips } from '../server/index.js';
import type { PoleReport } from '../relay/index.js';
import type { Logger, Metrics } from '../telemetry/index.js';

interface Known {
  state: FeedState;
  reason?: string;
  lastMillis?: number;
  clockUncertaintySeconds?: number | undefined;
  frames: number;
  framesDropped: number;
  trouble: Record<string, number>;
  meter: PoleMeter;
}

/** What the console, the metrics and the log know of the live poles. Counts for itself and for the metrics. */
export class LivePoles implements FeedCounters {
  readonly #site: Site;
  readonly #metrics: Metrics;
  readonly #log: Logger;
  readonly #known = new Map<string, Known>();

  constructor(site: Site, metrics: Metrics, log: Logger) {
    this.#site = site;
    this.#metrics = metrics;
    this.#log = log;
    for (const { pole, fullScaleDbSpl } of site.poles) {
      const meter = new PoleMeter(fullScaleDbSpl);
      this.#known.set(pole, { state: 'waiting', frames: 0, framesDropped: 0, trouble: {}, meter });
    }
  }

  block(pole: string, block: SoundBlock): void {
    const known = this.#known.get(pole);
    if (!known) return;
    known.lastMillis = performance.now();
    known.clockUncertaintySeconds = block.clockUncertaintySeconds;
    known.meter.block(block.samples);
  }

  patch(pole: string, { scores, endNanos }: ScoredPatch): void {
    this.#known.get(pole)?.meter.scores(Object.keys(scores), scores, Number(endNanos / 1_000_000n));
  }

  frame(pole: string, seconds: number, clockUncertaintySeconds?: number): void {
    this.#metrics.frame(pole, seconds, clockUncertaintySeconds);
    const known = this.#known.get(pole);
    if (known) known.frames++;
  }

  frameDropped(pole: string, reason: string): void {
    this.#metrics.frameDropped(pole, reason);
    const known = this.#known.get(pole);
    if (!known) return;
    known.framesDropped++;
    this.#count(known, reason);
  }

  feedEvent(pole: string, kind: string): void {
    this.#metrics.feedEvent(pole, kind);
    const known = this.#known.get(pole);
    if (known) this.#count(known, kind);
  }

  streamRestart(pole: string, reason: string): void {
    this.#metrics.streamRestart(pole, reason);
    const known = this.#known.get(pole);
    if (known) this.#count(known, `restart: ${reason}`);
  }

  #count({ trouble }: Known, what: string): void {
    trouble[what] = (trouble[what] ?? 0) + 1;
  }

  /** `pole` is one of the site. */
  strips(pole: string): PoleStrips {
    return this.#known.get(pole)!.meter.strips();
  }

  state(pole: string, state: FeedState, reason?: string): void {
    const known = this.#known.get(pole);
    if (!known) return;
    known.state = state;
    delete known.reason;
    if (reason !== undefined) known.reason = reason;
    if (state !== 'live') known.meter.quiet();
    this.#metrics.feedState(pole, state);
    this.#log.info({ pole, state, reason }, 'feed state');
  }

  /** What another process tells of a pole that it hears; its metrics are its own. */
  elsewhere(pole: string, told: PoleReport): void {
    const known = this.#known.get(pole);
    if (!known) return;
    if (told.decidedNanos !== undefined) known.lastMillis = performance.now();
    if (told.state !== undefined) {
      known.state = told.state;
      delete known.reason;
      if (told.reason !== undefined) known.reason = told.reason;
    }
    if (told.clockUncertaintySeconds === null) delete known.clockUncertaintySeconds;
    else if (told.clockUncertaintySeconds !== undefined)
      known.clockUncertaintySeconds = told.clockUncertaintySeconds;
  }

  status(): PoleStatus[] {
    const now = performance.now();
    return this.#site.poles.map(({ pole, position, recorded }) => {
      const known = this.#known.get(pole)!;
      const { state, reason, lastMillis, clockUncertaintySeconds, frames, framesDropped, trouble } = known;
      return {
        pole,
        position,
        recorded,
        state,
        ...(reason !== undefined && { reason }),
        ...(lastMillis !== undefined && { lastFrameAgeSeconds: (now - lastMillis) / 1000 }),
        ...(clockUncertaintySeconds !== undefined && { clockUncertaintySeconds }),
        frames,
        framesDropped,
        ...(Object.keys(trouble).length > 0 && { trouble: { ...trouble } }),
        ...known.meter.levels(),
      };
    });
  }
}
