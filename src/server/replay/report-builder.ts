import { formatTime, secondsBetween, type Nanos } from '../../audio/index.js';
import { EVENT_CLASSES, type ClameurError } from '../../config/index.js';
import type { Scene, SoundBlock } from '../../feeds/index.js';
import type { Detection, Model, ScoredPatch } from '../../listen/index.js';
import type { IncidentStep } from '../../locate/index.js';
import type { CloudEvent } from '../../publish/index.js';
import type { CheckReport, DetectionReport, ReplayReport, StepReport, TrackReport } from './report-data.js';
import { SpectrogramPainter } from './spectrogram.js';

const RUNNERS_UP = 5;
/** Of a pole; a recording of hail would have no end of them. */
const MOST_WEAK_ARRIVALS = 2000;

export interface ReportOptions {
  scene: Scene;
  model: Model;
  thresholds: ReplayReport['thresholds'];
  version: string;
  /** Width of a spectrogram. */
  columns: number;
}

interface Track {
  file: string;
  startNanos: Nanos;
  painter: SpectrogramPainter;
  scores: TrackReport['scores'];
  detections: Map<string, Detection>;
  weak: number[];
}

/** Watches a recording go by, and tells afterwards what was heard, where and why: for a page or a file. */
export class ReportBuilder {
  readonly #options: ReportOptions;
  readonly #startNanos: Nanos;
  readonly #tracks = new Map<string, Track>();
  readonly #steps: StepReport[] = [];
  readonly #best = new Map<string, ReplayReport['best'][number]>();
  #endNanos: Nanos;

  constructor(options: ReportOptions) {
    this.#options = options;
    const { recordings } = options.scene;
    this.#startNanos = recordings.map(({ startNanos }) => startNanos).reduce((a, b) => (b < a ? b : a));
    this.#endNanos = this.#startNanos;
    for (const { pole, file, startNanos } of recordings) {
      this.#tracks.set(pole, {
        file: file.split('/').at(-1)!,
        startNanos,
        painter: new SpectrogramPainter(options.columns),
        scores: { classes: [...options.model.classes], atSeconds: [], percent: [] },
        detections: new Map(),
        weak: [],
      });
    }
  }

  onBlock(pole: string, { samples, startNanos }: SoundBlock): void {
    const track = this.#tracks.get(pole)!;
    track.painter.push(samples, secondsBetween(track.startNanos, startNanos));
    const end = startNanos + BigInt(Math.round((samples.length / 16_000) * 1e9));
    if (end > this.#endNanos) this.#endNanos = end;
  }

  onPatch(pole: string, { scores, routine, endNanos }: ScoredPatch): void {
    const track = this.#tracks.get(pole)!;
    const seconds = this.#seconds(endNanos);
    if (routine) {
      track.scores.atSeconds.push(seconds);
      track.scores.percent.push(track.scores.classes.map((name) => Math.round((scores[name] ?? 0) * 100)));
    }
    for (const name of EVENT_CLASSES) {
      const score = scores[name];
      if (score === undefined || score <= (this.#best.get(name)?.score ?? 0)) continue;
      this.#best.set(name, { class: name, score, pole, seconds });
    }
  }

  onDetection(detection: Detection): void {
    const { weak, detections } = this.#tracks.get(detection.pole)!;
    if (detection.state !== 'weak') detections.set(detection.detectionId, detection);
    else if (weak.length < MOST_WEAK_ARRIVALS)
      weak.push(...detection.arrivals.map(({ timeNanos }) => this.#seconds(timeNanos)));
  }

  onEvent(event: CloudEvent, { incident, siteTimeNanos }: IncidentStep): void {
    const afterSeconds = Math.max(0, rounded(secondsBetween(incident.onsetNanos, siteTimeNanos)));
    this.#steps.push({ event, afterSeconds });
  }

  finish(failures: readonly ClameurError[], check?: CheckReport): ReplayReport {
    const { scene, model, version, thresholds } = this.#options;
    const { name, version: modelVersion, sha256 } = model;
    return {
      name: scene.name,
      ...(scene.source !== undefined && { source: scene.source }),
      ...(scene.licence !== undefined && { licence: scene.licence }),
      site: scene.site.site,
      version,
      madeAt: new Date().toISOString(),
      model: { name, version: modelVersion, sha256 },
      thresholds,
      startsAt: formatTime(this.#startNanos),
      seconds: this.#seconds(this.#endNanos),
      poles: scene.site.poles.map(({ pole, position, positionUncertaintyMeters }) => ({
        pole,
        ...(Number.isFinite(positionUncertaintyMeters) && { position: [...position] as [number, number] }),
        recorded: this.#tracks.has(pole),
      })),
      tracks: [...this.#tracks].map(([pole, track]) => this.#track(pole, track)),
      events: this.#steps,
      best: [...this.#best.values()],
      truth: [...scene.truth],
      ...(check && { check }),
      failures: failures.map(({ code, message }) => ({ code, message })),
    };
  }

  #track(pole: string, { file, startNanos, painter, scores, detections, weak }: Track): TrackReport {
    return {
      pole,
      file,
      fromSeconds: this.#seconds(startNanos),
      spectrogram: painter.finish(),
      scores,
      detections: [...detections.values()].map((detection) => this.#detection(detection)),
      weakArrivals: weak,
    };
  }

  #detection(detection: Detection): DetectionReport {
    const { detectionId: id, class: name, onsetNanos, endNanos, arrivals, score, levelDb, snrDb } = detection;
    const runnersUp = Object.entries(detection.scores)
      .filter(([other]) => other !== name)
      .sort((a, b) => b[1] - a[1])
      .slice(0, RUNNERS_UP)
      .map(([other, value]) => ({ class: other, score: rounded(value) }));
    return {
      id,
      class: name,
      fromSeconds: this.#seconds(onsetNanos),
      ...(endNanos !== undefined && { toSeconds: this.#seconds(endNanos) }),
      arrivals: arrivals.map(({ timeNanos }) => this.#seconds(timeNanos)),
      score,
      levelDb,
      snrDb: rounded(snrDb),
      runnersUp,
    };
  }

  #seconds(time: Nanos): number {
    return rounded(secondsBetween(this.#startNanos, time));
  }
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
