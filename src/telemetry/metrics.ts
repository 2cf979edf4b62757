import { Registry, type Gauge } from 'prom-client';
import { EVENT_CLASSES } from '../config/index.js';
import { makeInstruments } from './instruments.js';
import type { OutboxOutcome, PublishCounters, ReviewCounters } from './counters.js';
import { LongestBySecond } from './longest.js';
import { Minutely } from './minutely.js';
import { ProcessMetrics } from './process-metrics.js';

/** Labels that are not of the site would let any sender make series without end: they share this one. */
const OTHER = 'other';
const FEED_STATES = ['waiting', 'live', 'stalled', 'failed'] as const;
const CLAIM_STATES = ['waiting', 'claiming', 'holding', 'releasing', 'lost'] as const;
const OVERLOAD_STATES = ['normal', 'stretched', 'skipping', 'dropping'] as const;
const SHED_REASONS = ['stretched', 'quiet', 'grid', 'old_frames'];
const ROLES = ['listen', 'locate', 'both'] as const;
const VERDICTS = ['confirmed', 'dismissed', 'unsure'] as const;

/** What one pole's frames come to; the counters' parts since they were last read. */
interface FrameTally {
  frames: number;
  soundSeconds: number;
  /** When the newest one came. */
  lastMillis: number;
  clockUncertaintySeconds: number;
}

/** Counts what the rooms tell it; what each metric means stands in the table, `metric-table.ts`. */
export class Metrics implements PublishCounters, ReviewCounters {
  readonly registry = new Registry();
  readonly #poles: ReadonlySet<string>;
  readonly #now: () => number;
  readonly #process: ProcessMetrics | undefined;
  /** By label. Ten frames a second and pole: labelled series are only touched when somebody reads them. */
  readonly #frames = new Map<string, FrameTally>();
  readonly #onsets = new Minutely<{ pole: string }>();
  readonly #onsetPatches = new Minutely<{ kind: string }>();
  readonly #weak = new Minutely<{ class: string; state: string }>();
  readonly #inference = new LongestBySecond();
  readonly #classify = new LongestBySecond();
  readonly #outboxStates = new Set<string>();
  /** When the oldest event that is not acknowledged came; undefined where none waits. */
  #oldestSince: number | undefined;

  readonly #on = makeInstruments(this.registry, {
    clameur_frames_total: () => {
      for (const [pole, tally] of this.#frames) {
        this.#on.clameur_frames_total.inc({ pole }, tally.frames);
        tally.frames = 0;
      }
    },
    clameur_sound_seconds_total: () => {
      for (const [pole, tally] of this.#frames) {
        this.#on.clameur_sound_seconds_total.inc({ pole }, tally.soundSeconds);
        tally.soundSeconds = 0;
      }
    },
    clameur_onsets_total: () =>
      this.#onsets.tell(this.#now(), (labels, count) => this.#on.clameur_onsets_total.inc(labels, count)),
    clameur_patches_total: () =>
      this.#onsetPatches.tell(this.#now(), (labels, count) =>
        this.#on.clameur_patches_total.inc(labels, count),
      ),
    clameur_detections_total: () =>
      this.#weak.tell(this.#now(), (labels, count) => this.#on.clameur_detections_total.inc(labels, count)),
    clameur_feed_last_frame_age_seconds: () => {
      for (const [pole, { lastMillis }] of this.#frames)
        this.#on.clameur_feed_last_frame_age_seconds.set({ pole }, this.#secondsSince(lastMillis));
    },
    clameur_feed_clock_uncertainty_seconds: () => {
      for (const [pole, { clockUncertaintySeconds }] of this.#frames)
        this.#on.clameur_feed_clock_uncertainty_seconds.set({ pole }, clockUncertaintySeconds);
    },
    // The outbox speaks when something changes; while NATS is away nothing does, and the age grows all the same.
    clameur_outbox_oldest_age_seconds: () => {
      const age = this.#oldestSince === undefined ? 0 : this.#secondsSince(this.#oldestSince);
      this.#on.clameur_outbox_oldest_age_seconds.set(age);
    },
  });

  /** `poles`: the ids of the site's poles with a feed; any other goes under the label "other". */
  constructor(poles: Iterable<string>, { processMetrics = true, now = () => Date.now() } = {}) {
    this.#poles = new Set(poles);
    this.#now = now;
    // Series that come into being with their first event have no increase to alert on: known ones begin at 0.
    for (const pole of this.#poles) {
      this.feedState(pole, 'waiting');
      this.#on.clameur_frames_total.inc({ pole }, 0);
    }
    for (const eventClass of EVENT_CLASSES) {
      for (const outcome of ['published', 'retried', 'refused', 'unsafe'])
        this.#on.clameur_events_total.inc({ class: eventClass, outcome }, 0);
      for (const verdict of VERDICTS) this.#on.clameur_verdicts_total.inc({ class: eventClass, verdict }, 0);
      this.precision(eventClass, undefined);
    }
    this.queueDropped('patches', 0);
    for (const reason of SHED_REASONS) this.#on.clameur_sound_shed_total.inc({ reason }, 0);
    if (processMetrics) this.#process = new ProcessMetrics();
  }

  /** All that /metrics answers. */
  async text(): Promise<string> {
    const own = await this.registry.metrics();
    return this.#process ? `${own}\n${await this.#process.text(this.#now())}` : own;
  }

  frame(pole: string, seconds: number, clockUncertaintySeconds = Infinity): void {
    const label = this.#pole(pole);
    let tally = this.#frames.get(label);
    if (!tally)
      this.#frames.set(
        label,
        (tally = { frames: 0, soundSeconds: 0, lastMillis: 0, clockUncertaintySeconds }),
      );
    tally.frames++;
    tally.soundSeconds += seconds;
    tally.lastMillis = this.#now();
    tally.clockUncertaintySeconds = clockUncertaintySeconds;
  }

  frameDropped(pole: string, reason: string): void {
    this.#on.clameur_frames_dropped_total.inc({ pole: this.#pole(pole), reason });
  }

  httpDenied(reason: string): void {
    this.#on.clameur_http_denied_total.inc({ reason });
  }

  feedEvent(pole: string, kind: string): void {
    this.#on.clameur_feed_events_total.inc({ pole: this.#pole(pole), kind });
  }

  feedState(pole: string, state: (typeof FEED_STATES)[number]): void {
    for (const one of FEED_STATES)
      this.#on.clameur_feed_state.set({ pole: this.#pole(pole), state: one }, one === state ? 1 : 0);
  }

  streamRestart(pole: string, reason: string): void {
    this.#on.clameur_stream_restarts_total.inc({ pole: this.#pole(pole), reason });
  }

  /** The poles whose clocks are set apart now; the others' are not. */
  clocksApart(poles: readonly string[]): void {
    for (const pole of this.#poles)
      this.#on.clameur_feed_clock_apart.set({ pole }, poles.includes(pole) ? 1 : 0);
  }

  patches(kind: string, count = 1): void {
    if (kind === 'onset') this.#onsetPatches.add({ kind }, this.#now(), count);
    else this.#on.clameur_patches_total.inc({ kind }, count);
  }

  onset(pole: string): void {
    this.#onsets.add({ pole: this.#pole(pole) }, this.#now());
  }

  inference(seconds: number): void {
    this.#inference.add(seconds, this.#now(), (longest) =>
      this.#on.clameur_inference_duration_seconds.observe(longest),
    );
  }

  stage(stage: string, seconds: number): void {
    const observe = (value: number) => this.#on.clameur_stage_duration_seconds.observe({ stage }, value);
    if (stage === 'classify') this.#classify.add(seconds, this.#now(), observe);
    else observe(seconds);
  }

  queueDepth(queue: string, depth: number): void {
    this.#on.clameur_queue_depth.set({ queue }, depth);
  }

  queueDropped(queue: string, count = 1): void {
    this.#on.clameur_queue_dropped_total.inc({ queue }, count);
  }

  detection(eventClass: string, state: string): void {
    const labels = { class: eventClass, state };
    if (state === 'weak') this.#weak.add(labels, this.#now());
    else this.#on.clameur_detections_total.inc(labels);
  }

  incident(eventClass: string, change: string): void {
    this.#on.clameur_incidents_total.inc({ class: eventClass, change });
  }

  /** Of one located step: residuals in seconds, and the ellipse's semi-major axis. */
  location(
    method: string,
    semiMajorMeters: number | undefined,
    residualsSeconds: Iterable<number> = [],
  ): void {
    if (semiMajorMeters !== undefined)
      this.#on.clameur_location_semi_major_meters.observe({ method }, semiMajorMeters);
    for (const residual of residualsSeconds)
      this.#on.clameur_location_residual_seconds.observe(Math.abs(residual));
  }

  event(eventClass: string, outcome: OutboxOutcome): void {
    this.#on.clameur_events_total.inc({ class: eventClass, outcome });
  }

  latency(eventClass: string, seconds: number): void {
    this.#on.clameur_event_latency_seconds.observe({ class: eventClass }, seconds);
  }

  outbox(depth: number, oldestAgeSeconds: number): void {
    this.#on.clameur_outbox_messages.set(depth);
    this.#oldestSince = depth > 0 ? this.#now() - oldestAgeSeconds * 1000 : undefined;
  }

  outboxState(state: string): void {
    this.#outboxStates.add(state);
    for (const one of this.#outboxStates)
      this.#on.clameur_outbox_state.set({ state: one }, one === state ? 1 : 0);
  }

  streamProblem(stream: string): void {
    this.#on.clameur_stream_problems_total.inc({ stream });
  }

  verdict(eventClass: string, verdict: (typeof VERDICTS)[number]): void {
    this.#on.clameur_verdicts_total.inc({ class: eventClass, verdict });
  }

  precision(eventClass: string, ratio: number | undefined): void {
    this.#on.clameur_precision_ratio.set({ class: eventClass }, ratio ?? NaN);
  }

  precisionBy(
    dimension: 'class' | 'pole' | 'hour' | 'zone',
    groups: ReadonlyArray<{ key: string; value: number; low: number; high: number }>,
  ): void {
    const gauge: Gauge<string> = this.#on[`clameur_${dimension}_precision_ratio`];
    gauge.reset();
    const set = (key: string, bound: string, value: number): void =>
      gauge.set({ [dimension]: key, bound }, value);
    for (const { key, value, low, high } of groups) {
      set(key, 'value', value);
      set(key, 'lower', low);
      set(key, 'upper', high);
    }
  }

  /** Classes of the last day's incidents without a verdict, one for each. */
  unconfirmed(classes: readonly string[]): void {
    for (const eventClass of EVENT_CLASSES)
      this.#on.clameur_incidents_unconfirmed.set(
        { class: eventClass },
        classes.filter((one) => one === eventClass).length,
      );
  }

  overload(state: (typeof OVERLOAD_STATES)[number]): void {
    for (const one of OVERLOAD_STATES)
      this.#on.clameur_overload_state.set({ state: one }, one === state ? 1 : 0);
  }

  shed(reason: string): void {
    this.#on.clameur_sound_shed_total.inc({ reason });
  }

  claim(state: (typeof CLAIM_STATES)[number]): void {
    for (const one of CLAIM_STATES) this.#on.clameur_claim_state.set({ state: one }, one === state ? 1 : 0);
  }

  polesHeard(count: number): void {
    this.#on.clameur_poles_heard.set(count);
  }

  /** The role of each process that lives. */
  processes(roles: readonly string[]): void {
    for (const role of ROLES)
      this.#on.clameur_processes.set({ role }, roles.filter((one) => one === role).length);
  }

  /** Why the site is silent now; undefined where it listens. */
  silent(reason: string | undefined): void {
    for (const one of ['kill_switch', 'hours', 'unknown'])
      this.#on.clameur_silent.set({ reason: one }, one === reason ? 1 : 0);
  }

  withheld(reason: string): void {
    this.#on.clameur_events_withheld_total.inc({ reason });
  }

  ready(part: string, ok: boolean): void {
    this.#on.clameur_ready.set({ part }, ok ? 1 : 0);
  }

  model(name: string, version: string, sha256: string): void {
    this.#on.clameur_model_info.set({ name, version, sha256 }, 1);
  }

  service(version: string, site: string, role: string): void {
    this.#on.clameur_service_info.set({ version, site, role }, 1);
  }

  #pole(pole: string): string {
    return this.#poles.has(pole) ? pole : OTHER;
  }

  #secondsSince(atMillis: number): number {
    return Math.max(0, (this.#now() - atMillis) / 1000);
  }
}
