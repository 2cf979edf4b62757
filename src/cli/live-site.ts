import { parseWeather, type ServiceConfig, type Site } from '../config/index.js';
import type { Feed } from '../feeds/index.js';
import { LISTEN_RATE_HZ, type Classifier, type ListenOptions } from '../listen/index.js';
import type { Incident, IncidentStep, Weather } from '../locate/index.js';
import type { ModelIdentity, Publisher } from '../publish/index.js';
import type { Logger, Metrics } from '../telemetry/index.js';
import type { LivePoles } from './live-poles.js';
import { Pipeline } from './pipeline.js';
import type { Reviewing } from './reviewing.js';
import { StageClock } from './stage-clock.js';

export interface LiveSiteOptions {
  site: Site;
  exercise: boolean;
  classifier: Classifier;
  model: ModelIdentity;
  publisher: Publisher;
  metrics: Metrics;
  reviewing: Reviewing;
  poles: LivePoles;
  config: ServiceConfig;
  log: Logger;
}

/** A site's live sound through the pipeline to the publisher. Exercises get one of their own, never joined with it. */
export class LiveSite {
  readonly #options: LiveSiteOptions;
  readonly #clock = new StageClock();
  readonly #pipeline: Pipeline;
  #feeds: readonly Feed[] = [];

  constructor(options: LiveSiteOptions) {
    this.#options = options;
    const { site, classifier, metrics, reviewing, poles, config, exercise } = options;
    this.#pipeline = new Pipeline({
      site,
      classifier,
      listen: listenOptions(config),
      locate: { fireworksPerMinute: config.locate.fireworksPerMinute },
      counters: metrics,
      onBlock: (pole, block) => {
        this.#clock.block(pole, block.startNanos, block.samples.length / LISTEN_RATE_HZ);
        if (exercise) return;
        poles.block(pole, block);
        reviewing.sound(pole, block.samples.length / LISTEN_RATE_HZ);
      },
      onPatch: (pole, patch) => {
        if (!exercise) poles.patch(pole, patch);
      },
      onState: (pole, state, reason) => {
        if (!exercise) poles.state(pole, state, reason);
      },
      onDetection: (detection) => {
        this.#clock.detection(detection);
        metrics.detection(detection.class, detection.state);
      },
      onStep: (step) => this.#publish(step),
    });
    if (config.locate.weather) this.setWeather(parseWeather(config.locate.weather) ?? {});
  }

  restore(open: readonly Incident[]): void {
    this.#pipeline.locator.restore(open);
  }

  setWeather(weather: Weather): void {
    this.#pipeline.locator.setWeather(weather);
  }

  async listen(...feeds: Feed[]): Promise<void> {
    this.#feeds = feeds;
    for (const feed of feeds) await feed.start(this.#pipeline);
  }

  /** Site time runs on where no sound comes. */
  tick(): void {
    this.#pipeline.tick(process.hrtime.bigint());
  }

  /** Poles whose clocks are more than 5 s off the others'. */
  get clocksApart(): readonly string[] {
    return this.#options.exercise ? [] : this.#pipeline.siteTime.setAside;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#feeds.map((feed) => feed.stop()));
    await this.#pipeline.finish();
  }

  #publish(step: IncidentStep): void {
    const { site, exercise, model, publisher, metrics, reviewing, log } = this.#options;
    const { incident, change } = step;
    metrics.incident(incident.class, change);
    metrics.location(
      incident.method,
      incident.accuracy?.semiMajorMeters,
      incident.poles.flatMap(({ residualSeconds }) => residualSeconds ?? []),
    );
    const latencySeconds = this.#clock.stages(step);
    for (const [stage, seconds] of Object.entries(latencySeconds ?? {}))
      metrics.stage(stage, seconds as number);
    const context = { site: site.site, exercise, model, ...(latencySeconds && { latencySeconds }) };
    publisher
      .publish(step, context)
      .then((event) => event && reviewing.told(event))
      .catch((err: unknown) =>
        log.error({ err, incidentId: incident.incidentId }, 'an event could not be kept'),
      );
  }
}

export function listenOptions({ listen: { unusual, thresholds, poleThresholds } }: ServiceConfig): ListenOptions {
  return {
    unusual,
    ...(thresholds && { thresholds: thresholds as NonNullable<ListenOptions['thresholds']> }),
    ...(poleThresholds && {
      poleThresholds: poleThresholds as NonNullable<ListenOptions['poleThresholds']>,
    }),
  };
}
