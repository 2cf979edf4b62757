import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** Labels that are not of the site would let any sender make series without end: they share this one. */
const OTHER = 'other';

/** From one frame to the bars of the judges: a second for impulses, three for crowds. */
const LATENCY_BUCKETS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1, 1.5, 2, 3, 5, 10, 30, 60, 300];
const DURATION_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

const FEED_STATES = ['waiting', 'live', 'stalled', 'failed'] as const;
export type OutboxOutcome =
  'published' | 'retried' | 'superseded' | 'refused' | 'unchanged' | 'quarantined' | 'unsafe';

/** What the outbox and the publisher count; `Metrics` is one. */
export interface PublishCounters {
  event(eventClass: string, outcome: OutboxOutcome): void;
  /** From the arrival that decided to the acknowledgement of the event that tells it. */
  latency(eventClass: string, seconds: number): void;
  outbox(depth: number, oldestAgeSeconds: number): void;
  outboxState(state: string): void;
  streamProblem(stream: string): void;
}

/** Every metric of the service: base units, `clameur_` names, and labels that only a site's own poles can fill. */
export class Metrics implements PublishCounters {
  readonly registry = new Registry();
  readonly #poles: ReadonlySet<string>;
  readonly #now: () => number;
  readonly #lastFrame = new Map<string, number>();
  readonly #outboxStates = new Set<string>();

  readonly #frames = this.#counter('frames_total', 'Frames taken in.', ['pole']);
  readonly #drops = this.#counter('frames_dropped_total', 'Frames dropped, by reason.', ['pole', 'reason']);
  readonly #samples = this.#counter('sound_seconds_total', 'Sound taken in.', ['pole']);
  readonly #feedEvents = this.#counter(
    'feed_events_total',
    'Gaps, overlaps, clock steps, rate changes and the like.',
    ['pole', 'kind'],
  );
  readonly #feedState = this.#gauge('feed_state', 'State of the feed: 1 for the one it is in.', [
    'pole',
    'state',
  ]);
  readonly #frameAge: Gauge = new Gauge({
    name: 'clameur_feed_last_frame_age_seconds',
    help: 'Time since the last frame.',
    labelNames: ['pole'],
    registers: [this.registry],
    collect: () => {
      for (const [pole, at] of this.#lastFrame)
        this.#frameAge.set({ pole }, Math.max(0, (this.#now() - at) / 1000));
    },
  });
  readonly #clock = this.#gauge('feed_clock_uncertainty_seconds', '1 sigma of the frames’ time, as sent.', [
    'pole',
  ]);
  readonly #patches = this.#counter('patches_total', 'Patches scored.', ['kind']);
  readonly #onsets = this.#counter('onsets_total', 'Impulse onsets picked.', ['pole']);
  readonly #inference = this.#histogram(
    'inference_duration_seconds',
    'One batch through the model.',
    [],
    DURATION_BUCKETS,
  );
  readonly #stage = this.#histogram(
    'stage_duration_seconds',
    'Work of one stage.',
    ['stage'],
    DURATION_BUCKETS,
  );
  readonly #queue = this.#gauge('queue_depth', 'Things that wait for a stage.', ['queue']);
  readonly #queueDrops = this.#counter('queue_dropped_total', 'Things a full queue let go.', ['queue']);
  readonly #detections = this.#counter('detections_total', 'Reports of detections.', ['class', 'state']);
  readonly #incidents = this.#counter('incidents_total', 'Steps in the life of incidents.', [
    'class',
    'change',
  ]);
  readonly #events = this.#counter('events_total', 'Events by what became of them.', ['class', 'outcome']);
  readonly #latency = this.#histogram(
    'event_latency_seconds',
    'From the deciding arrival to the acknowledged event.',
    ['class'],
    LATENCY_BUCKETS,
  );
  readonly #residuals = this.#histogram(
    'location_residual_seconds',
    'Size of arrival residuals of located incidents.',
    [],
    [0.001, 0.002, 0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1],
  );
  readonly #ellipse = this.#histogram(
    'location_semi_major_meters',
    'Semi-major axis of the 95 % ellipse.',
    ['method'],
    [5, 10, 15, 20, 30, 50, 100, 200, 500, 1000],
  );
  readonly #outboxDepth = this.#gauge('outbox_messages', 'Events on disk that are not acknowledged yet.', []);
  readonly #outboxAge = this.#gauge('outbox_oldest_age_seconds', 'Age of the oldest of them.', []);
  readonly #outboxState = this.#gauge('outbox_state', 'State of the outbox: 1 for the one it is in.', [
    'state',
  ]);
  readonly #streamProblems = this.#counter(
    'stream_problems_total',
    'Streams found other than they should be.',
    ['stream'],
  );
  readonly #ready = this.#gauge('ready', '1 where that part is ready.', ['part']);
  readonly #model = this.#gauge('model_info', 'Always 1; the labels tell the model.', [
    'name',
    'version',
    'sha256',
  ]);

  /** `poles`: the site's ids; any other goes under the label "other". */
  constructor(poles: Iterable<string>, { processMetrics = true, now = () => Date.now() } = {}) {
    this.#poles = new Set(poles);
    for (const pole of this.#poles) this.feedState(pole, 'waiting');
    if (processMetrics) collectDefaultMetrics({ register: this.registry });
    this.#now = now;
  }

  frame(pole: string, seconds: number, clockUncertaintySeconds?: number): void {
    const label = { pole: this.#pole(pole) };
    this.#frames.inc(label);
    this.#samples.inc(label, seconds);
    this.#lastFrame.set(label.pole, this.#now());
    if (clockUncertaintySeconds !== undefined) this.#clock.set(label, clockUncertaintySeconds);
  }

  frameDropped(pole: string, reason: string): void {
    this.#drops.inc({ pole: this.#pole(pole), reason });
  }

  feedEvent(pole: string, kind: string): void {
    this.#feedEvents.inc({ pole: this.#pole(pole), kind });
  }

  feedState(pole: string, state: (typeof FEED_STATES)[number]): void {
    for (const one of FEED_STATES)
      this.#feedState.set({ pole: this.#pole(pole), state: one }, one === state ? 1 : 0);
  }

  patches(kind: string, count = 1): void {
    this.#patches.inc({ kind }, count);
  }

  onset(pole: string): void {
    this.#onsets.inc({ pole: this.#pole(pole) });
  }

  inference(seconds: number): void {
    this.#inference.observe(seconds);
  }

  stage(stage: string, seconds: number): void {
    this.#stage.observe({ stage }, seconds);
  }

  queueDepth(queue: string, depth: number): void {
    this.#queue.set({ queue }, depth);
  }

  queueDropped(queue: string, count = 1): void {
    this.#queueDrops.inc({ queue }, count);
  }

  detection(eventClass: string, state: string): void {
    this.#detections.inc({ class: eventClass, state });
  }

  incident(eventClass: string, change: string): void {
    this.#incidents.inc({ class: eventClass, change });
  }

  /** Of one located step: residuals in seconds, and the ellipse's semi-major axis. */
  location(
    method: string,
    semiMajorMeters: number | undefined,
    residualsSeconds: Iterable<number> = [],
  ): void {
    if (semiMajorMeters !== undefined) this.#ellipse.observe({ method }, semiMajorMeters);
    for (const residual of residualsSeconds) this.#residuals.observe(Math.abs(residual));
  }

  event(eventClass: string, outcome: OutboxOutcome): void {
    this.#events.inc({ class: eventClass, outcome });
  }

  latency(eventClass: string, seconds: number): void {
    this.#latency.observe({ class: eventClass }, seconds);
  }

  outbox(depth: number, oldestAgeSeconds: number): void {
    this.#outboxDepth.set(depth);
    this.#outboxAge.set(oldestAgeSeconds);
  }

  outboxState(state: string): void {
    this.#outboxStates.add(state);
    for (const one of this.#outboxStates) this.#outboxState.set({ state: one }, one === state ? 1 : 0);
  }

  streamProblem(stream: string): void {
    this.#streamProblems.inc({ stream });
  }

  ready(part: string, ok: boolean): void {
    this.#ready.set({ part }, ok ? 1 : 0);
  }

  model(name: string, version: string, sha256: string): void {
    this.#model.set({ name, version, sha256 }, 1);
  }

  #pole(pole: string): string {
    return this.#poles.has(pole) ? pole : OTHER;
  }

  #counter<L extends string>(name: string, help: string, labelNames: readonly L[]): Counter<L> {
    return new Counter({
      name: `clameur_${name}`,
      help,
      labelNames: [...labelNames],
      registers: [this.registry],
    });
  }

  #gauge<L extends string>(name: string, help: string, labelNames: readonly L[]): Gauge<L> {
    return new Gauge({
      name: `clameur_${name}`,
      help,
      labelNames: [...labelNames],
      registers: [this.registry],
    });
  }

  #histogram<L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    buckets: number[],
  ): Histogram<L> {
    return new Histogram({
      name: `clameur_${name}`,
      help,
      labelNames: [...labelNames],
      buckets,
      registers: [this.registry],
    });
  }
}

/** For replay and tests, where nobody scrapes. */
export const noPublishCounters: PublishCounters = {
  event() {},
  latency() {},
  outbox() {},
  outboxState() {},
  streamProblem() {},
};
