import { EVENT_CLASSES } from '../config/index.js';

/** What one label may hold; together they say how many series a metric can have. */
type Labels = Readonly<Record<string, string>>;

export interface MetricDefinition<L extends Labels = Labels> {
  type: 'counter' | 'gauge' | 'histogram';
  help: string;
  labels: L;
  buckets?: number[];
}

/** From one frame to the bars of the judges: a second for impulses, three for crowds. */
const LATENCY_BUCKETS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1, 1.5, 2, 3, 5, 10, 30, 60, 300];
const DURATION_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

const pole = 'a pole of the site, or `other`';
const eventClass = EVENT_CLASSES.map((name) => `\`${name}\``).join(', ');

/** Every metric of the service by its name in Prometheus: base units, and labels that no sender can fill at will. */
export const METRICS = {
  clameur_frames_total: counter('Frames taken in.', { pole }),
  clameur_sound_seconds_total: counter('Sound taken in.', { pole }),
  clameur_frames_dropped_total: counter('Frames dropped, by reason.', {
    pole,
    reason: 'a rule of the frame format that was broken, or why a sound frame was not wanted',
  }),
  clameur_feed_events_total: counter('Gaps, overlaps, clock steps, rate changes and the like.', {
    pole,
    kind: 'what was not continuous',
  }),
  clameur_feed_state: gauge('State of the feed: 1 for the one it is in.', {
    pole,
    state: '`waiting`, `live`, `stalled`, `failed`',
  }),
  clameur_feed_last_frame_age_seconds: gauge('Time since the last frame; no series before the first.', {
    pole,
  }),
  clameur_feed_clock_uncertainty_seconds: gauge(
    '1 sigma of the frames’ time, as sent; +Inf where the sender says that it is unknown.',
    { pole },
  ),
  clameur_feed_clock_apart: gauge('1 where the pole’s clock is more than 5 s off the other poles’.', {
    pole,
  }),
  clameur_stream_restarts_total: counter('Times that a pole’s stream was lost, and fetched anew.', {
    pole,
    reason: '`ended`, `silent`, `garbled`',
  }),
  clameur_patches_total: counter(
    'Patches scored by the model, of the grid and besides for onsets; the latter are told by the minute.',
    {
      kind: '`routine`, `onset`',
    },
  ),
  clameur_onsets_total: counter('Impulse onsets picked; told by the minute.', { pole }),
  clameur_inference_duration_seconds: histogram(
    'The longest batch of each second through the model.',
    {},
    DURATION_BUCKETS,
  ),
  clameur_stage_duration_seconds: histogram(
    'Time in one stage; `classify`: from a patch’s last sample to its scores, the longest of each second; the others: of the way of one event.',
    { stage: '`classify`, `transport`, `listen`, `locate`, `publish`' },
    DURATION_BUCKETS,
  ),
  clameur_queue_depth: gauge('Things that wait for a stage.', { queue: 'a queue of the service' }),
  clameur_queue_dropped_total: counter('Things a full queue let go.', { queue: 'a queue of the service' }),
  clameur_detections_total: counter('Reports of detections; weak ones are told by the minute.', {
    class: eventClass,
    state: 'of the detection',
  }),
  clameur_incidents_total: counter('Steps in the life of incidents.', {
    class: eventClass,
    change: '`detected`, `updated`, `closed`',
  }),
  clameur_events_total: counter('Events by what became of them.', {
    class: eventClass,
    outcome:
      '`published`, `retried`, `superseded`, `refused`, `unchanged`, `quarantined`, `unsafe` (on no disk)',
  }),
  clameur_event_latency_seconds: histogram(
    'From the sound: the deciding arrival to the acknowledgement of the event.',
    { class: eventClass },
    LATENCY_BUCKETS,
  ),
  clameur_location_residual_seconds: histogram(
    'Size of the arrival residuals of located incidents.',
    {},
    [0.001, 0.002, 0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1],
  ),
  clameur_location_semi_major_meters: histogram(
    'Semi-major axis of the 95 % ellipse.',
    { method: '`multilateration`, `bearing`, `nearest_pole`' },
    [5, 10, 15, 20, 30, 50, 100, 200, 500, 1000],
  ),
  clameur_outbox_messages: gauge('Events on disk that are not acknowledged yet.'),
  clameur_outbox_oldest_age_seconds: gauge('Age of the oldest of them; 0 where there is none.'),
  clameur_outbox_state: gauge('State of the outbox: 1 for the one it is in.', { state: 'of the outbox' }),
  clameur_stream_problems_total: counter('Streams found other than they should be.', {
    stream: '`EVENTS`, `DETECTIONS`, `VERDICTS`, `FIGURES`, `AUDIT`',
  }),
  clameur_verdicts_total: counter('Operators’ verdicts that were recorded.', {
    class: eventClass,
    verdict: '`confirmed`, `dismissed`, `unsure`',
  }),
  clameur_precision_ratio: gauge(
    'Measured precision: confirmed of confirmed and dismissed incidents; NaN before the first verdict.',
    { class: eventClass },
  ),
  clameur_http_denied_total: counter('Requests that were not let in.', {
    reason: '`no_token`, `bad_token`, `role`, `origin`, `rate`',
  }),
  clameur_class_precision_ratio: gauge(
    'Measured precision of the last 30 days by class, with its 95 % interval; no series without a verdict.',
    { class: eventClass, bound: '`value`, `lower`, `upper`' },
  ),
  clameur_pole_precision_ratio: gauge(
    'Measured precision of the last 30 days by nearest pole, with its 95 % interval; no series without a verdict.',
    { pole, bound: '`value`, `lower`, `upper`' },
  ),
  clameur_hour_precision_ratio: gauge(
    'Measured precision of the last 30 days by hour, with its 95 % interval; no series without a verdict.',
    { hour: 'of the onset, `00` to `23`, in the site’s time zone', bound: '`value`, `lower`, `upper`' },
  ),
  clameur_zone_precision_ratio: gauge(
    'Measured precision of the last 30 days by zone, with its 95 % interval; no series without a verdict.',
    { zone: 'a zone of the site, or `outside`', bound: '`value`, `lower`, `upper`' },
  ),
  clameur_incidents_unconfirmed: gauge(
    'Incidents of the last day that no verdict was given on: unconfirmed, which is not false.',
    { class: eventClass },
  ),
  clameur_overload_state: gauge('What a process short of time gives up: 1 for the state it is in.', {
    state: '`normal`, `stretched`, `skipping`, `dropping`',
  }),
  clameur_sound_shed_total: counter(
    'Patches and blocks of sound not looked at for want of time, by reason.',
    {
      reason: '`stretched`, `quiet`, `grid` (patches), `old_frames` (blocks)',
    },
  ),
  clameur_claim_state: gauge(
    'State of this process’s claim to locate for the site: 1 for the one it is in.',
    {
      state: '`waiting`, `claiming`, `holding`, `releasing`, `lost`',
    },
  ),
  clameur_poles_heard: gauge('Poles that this process hears now: its share.'),
  clameur_processes: gauge('Processes of the site that live, this one among them, as this one sees it.', {
    role: '`listen`, `locate`, `both`',
  }),
  clameur_silent: gauge('1 where the whole site may not be listened to now, by reason.', {
    reason: '`kill_switch`, `hours`, `unknown`',
  }),
  clameur_events_withheld_total: counter('Steps of incidents that nobody may be told of, by reason.', {
    reason: '`kill_switch`, `hours`, `mute_zone`, `unknown`',
  }),
  clameur_ready: gauge('1 where that part is ready.', { part: '`model`, `nats`, `feeds`' }),
  clameur_model_info: gauge('Always 1; the labels tell the model.', {
    name: 'one',
    version: 'one',
    sha256: 'one',
  }),
  clameur_service_info: gauge('Always 1; the labels tell the service.', {
    version: 'one',
    site: 'one',
    role: 'one',
  }),
} satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof METRICS;

function counter<const L extends Labels>(help: string, labels: L) {
  return { type: 'counter' as const, help, labels };
}

function gauge<const L extends Labels = Record<never, string>>(help: string, labels: L = {} as L) {
  return { type: 'gauge' as const, help, labels };
}

function histogram<const L extends Labels>(help: string, labels: L, buckets: number[]) {
  return { type: 'histogram' as const, help, labels, buckets };
}
