import { secondsBetween, type Nanos } from '../audio/index.js';
import { parseWeather, type ServiceConfig, type Site } from '../config/index.js';
import type { Share } from '../claims/index.js';
import type { Feed } from '../feeds/index.js';
import {
  LISTEN_RATE_HZ,
  mergeThresholds,
  type Classifier,
  type Detection,
  type ListenCounters,
  type ListenOptions,
  type Model,
} from '../listen/index.js';
import type { Incident, IncidentStep, Weather } from '../locate/index.js';
import type { Silence } from '../privacy/index.js';
import type { LatencySeconds } from '../publish/index.js';
import {
  SameArrival,
  type DetectionSender,
  type HearingReport,
  type RelayedDetection,
  type ReportSender,
} from '../relay/index.js';
import type { Metrics } from '../telemetry/index.js';
import { Hearers } from './hearers.js';
import { Hearing } from './hearing.js';
import type { LivePoles } from './live-poles.js';
import type { OverloadWatch } from './overload-watch.js';
import { Placing } from './placing.js';
import { SilentFeed } from './silent-feed.js';
import { StageClock } from './stage-clock.js';

/** A replayed detection is taken once site time, as far as it can be told, is so far behind it: as live at the most. */
const REPLAY_BEHIND_NANOS = 2_000_000_000n;

/** Between two reports of a pole; a longer step is a clock that was set, or a silence. */
const MOST_SOUND_SECONDS = 2;

/** Stands for the listeners that told what is replayed: they may be gone. */
const REPLAYED = 'replayed';

export interface LiveSiteOptions {
  site: Site;
  exercise: boolean;
  model: Model;
  metrics: Metrics;
  silence: Silence;
  poles: LivePoles;
  config: ServiceConfig;
  /** The name of this process. */
  self: string;
  /** Where this process listens. */
  listen?: {
    classifier: Classifier;
    overload: OverloadWatch;
    sender: DetectionSender;
    reports: ReportSender;
  };
  /** Sound that was heard, here or elsewhere; of exercises none. */
  onSound?: (pole: string, seconds: number) => void;
  /** Where it locates. */
  onStep?: (step: IncidentStep, latencySeconds: LatencySeconds | undefined) => void;
}

/**
 * A site's live sound through what this process does of the way: listening, locating, or both. Exercises get one of
 * their own, never joined with it.
 */
export class LiveSite {
  readonly #options: LiveSiteOptions;
  readonly #clock = new StageClock();
  readonly #same = new SameArrival();
  readonly #hearing: Hearing | undefined;
  readonly #gate: SilentFeed | undefined;
  readonly #placing: Placing | undefined;
  readonly #hearers: Hearers;
  #feeds: readonly Feed[] = [];
  #started = false;

  constructor(options: LiveSiteOptions) {
    this.#options = options;
    const { site, model, config, listen, onStep } = options;
    if (onStep) {
      const thresholds = mergeThresholds(model.thresholds, listenOptions(config).thresholds);
      const { fireworksPerMinute } = config.locate;
      this.#placing = new Placing({
        site,
        locate: { thresholds, fireworksPerMinute },
        onStep: (step) => onStep(step, this.#clock.stages(step)),
      });
    }
    // A pole that nobody hears yet is no silent one: what it does not hear says nothing.
    for (const { pole, recorded } of site.poles) if (recorded) this.#placing?.onLive(pole, false);
    this.#hearers = new Hearers((pole, live) => this.#placing?.onLive(pole, live));
    if (listen) {
      this.#hearing = this.#makeHearing(listen);
      this.#gate = new SilentFeed(this.#hearing, options.silence, options.exercise);
    }
    if (config.locate.weather) this.setWeather(parseWeather(config.locate.weather) ?? {});
  }

  get exercise(): boolean {
    return this.#options.exercise;
  }

  restore(open: readonly Incident[]): void {
    this.#placing?.locator.restore(open);
  }

  setWeather(weather: Weather): void {
    this.#placing?.locator.setWeather(weather);
  }

  /** Where the sound comes from; it begins with the first `hear`. */
  setFeeds(...feeds: Feed[]): void {
    this.#feeds = feeds;
  }

  /** Hears these poles from now on (`undefined`: all); those let go are decided to their end. */
  async hear(
    poles: ReadonlySet<string> | undefined,
    { standsBy, rescued }: Pick<Share, 'standsBy' | 'rescued'>,
  ): Promise<void> {
    if (!this.#gate) return;
    for (const feed of this.#feeds) {
      await feed.setPoles?.({
        poles: poles && [...poles],
        standby: [...standsBy],
        rescued: [...rescued],
      });
      if (!this.#started) await feed.start(this.#gate);
    }
    this.#started = true;
    const { listen, self, site } = this.#options;
    for (const { pole } of poles ? site.poles : []) {
      if (poles!.has(pole) || !listen?.reports.knows(pole)) continue;
      await this.#gate.onEnd(pole);
      listen.overload.forget(this.#feedOf(pole));
      this.#hearers.set(self, pole, false);
      listen.reports.leave(pole);
      if (!this.#options.exercise) this.#options.poles.state(pole, 'waiting', 'another process hears it');
    }
  }

  /** What another process heard; `replayed`: before this one was there. */
  heardElsewhere({ detection, listener, delays }: RelayedDetection, replayed: boolean): void {
    if (!this.#placing) return;
    const { knownNanos } = detection;
    if (replayed && knownNanos !== undefined) this.#placing.advance(knownNanos - REPLAY_BEHIND_NANOS);
    // Who tells of a sound there was listening, whether its report is here yet or not.
    this.#hearers.set(replayed ? REPLAYED : listener, detection.pole, true);
    const same = this.#same.take(detection, listener);
    this.#clock.detection(same, delays);
    this.#placing.onDetection(same);
  }

  /** What the stream held at the start is in, and the listeners that live have had time to report. */
  endReplay(): void {
    this.#hearers.silent(REPLAYED);
  }

  /** How far another process has decided. */
  decidedElsewhere({ listener, poles }: HearingReport): void {
    for (const [pole, told] of poles) {
      if (!this.#options.exercise) this.#options.poles.elsewhere(pole, told);
      if (told.live !== undefined) this.#hearers.set(listener, pole, told.live);
      if (told.decidedNanos !== undefined) this.#decided(pole, told.decidedNanos);
    }
  }

  #decided(pole: string, throughNanos: Nanos): void {
    if (!this.#placing) return;
    const before = this.#placing.siteTime.throughOf(pole);
    const seconds = before === undefined ? 0 : secondsBetween(before, throughNanos);
    if (!this.#options.exercise && seconds > 0 && seconds < MOST_SOUND_SECONDS)
      this.#options.onSound?.(pole, seconds);
    this.#placing.onDecided(pole, throughNanos);
  }

  /** Another process is gone. */
  silentElsewhere(listener: string): void {
    this.#hearers.silent(listener);
  }

  /** Site time runs on where no sound comes. */
  tick(): void {
    this.#gate?.tick();
    this.#placing?.tick(process.hrtime.bigint());
  }

  /** Poles whose clocks are more than 5 s off the others'. */
  get clocksApart(): readonly string[] {
    return this.#options.exercise ? [] : (this.#placing?.siteTime.setAside ?? []);
  }

  /** Takes no more sound in, and tells what is left of it; what is open stays so until `finish`. */
  async stopListening(): Promise<void> {
    await Promise.all(this.#feeds.map((feed) => feed.stop()));
    await this.#hearing?.finish();
    this.#options.listen?.reports.stop();
  }

  /** Closes what is open. */
  finish(): void {
    this.#placing?.finish();
  }

  #makeHearing({ classifier, overload, sender, reports }: NonNullable<LiveSiteOptions['listen']>): Hearing {
    const { site, exercise, metrics, poles, config, self } = this.#options;
    return new Hearing({
      site,
      classifier,
      listen: listenOptions(config),
      counters: watchedCounters(metrics, overload),
      overload: {
        get state() {
          return overload.state;
        },
        shed: overload.shed,
        isTooOld: (pole, block) => overload.isTooOld(this.#feedOf(pole), block),
      },
      onBlock: (pole, block) => {
        this.#clock.block(pole, block.startNanos, block.samples.length / LISTEN_RATE_HZ);
        if (exercise) return;
        poles.block(pole, block);
        this.#options.onSound?.(pole, block.samples.length / LISTEN_RATE_HZ);
        reports.tell(pole, { clockUncertaintySeconds: block.clockUncertaintySeconds ?? null });
      },
      onState: (pole, state, reason) => {
        if (!exercise) poles.state(pole, state, reason);
        reports.tell(pole, { state, ...(reason !== undefined && { reason }) });
      },
      sink: {
        onPatch: (pole, patch) => {
          if (!exercise) poles.patch(pole, patch);
        },
        onDetection: (detection) => {
          const delays = this.#clock.detection(detection);
          metrics.detection(detection.class, detection.state);
          this.#placing?.onDetection(this.#own(detection));
          if (reports.active) sender.send({ detection, exercise, ...(delays && { delays }) });
        },
        onDecided: (pole, decidedNanos) => {
          this.#placing?.onDecided(pole, decidedNanos);
          reports.tell(pole, { decidedNanos });
        },
        onLive: (pole, live) => {
          this.#hearers.set(self, pole, live);
          reports.tell(pole, { live });
        },
      },
    });
  }

  /** An exercise in a pole's name comes by another way, and has a clock of its own. */
  #feedOf(pole: string): string {
    return this.#options.exercise ? `exercise.${pole}` : pole;
  }

  /** While others listen too, a pole may be heard twice for a moment. */
  #own(detection: Detection): Detection {
    const { listen, self } = this.#options;
    return listen?.reports.active ? this.#same.take(detection, self) : detection;
  }
}

export function listenOptions({
  listen: { unusual, thresholds, poleThresholds },
}: ServiceConfig): ListenOptions {
  return {
    unusual,
    ...(thresholds && { thresholds: thresholds as NonNullable<ListenOptions['thresholds']> }),
    ...(poleThresholds && {
      poleThresholds: poleThresholds as NonNullable<ListenOptions['poleThresholds']>,
    }),
  };
}

/** The metrics, and besides how long each patch waited for its scores. */
function watchedCounters(metrics: Metrics, overload: OverloadWatch): ListenCounters {
  return {
    patches: (kind, count) => metrics.patches(kind, count),
    onset: (pole) => metrics.onset(pole),
    queueDepth: (queue, depth) => metrics.queueDepth(queue, depth),
    queueDropped: (queue, count) => metrics.queueDropped(queue, count),
    stage: (stage, seconds) => {
      if (stage === 'classify') overload.scored(seconds);
      metrics.stage(stage, seconds);
    },
  };
}
