import type { NatsConnection, Subscription } from 'nats';
import type { Logger } from '../telemetry/index.js';
import { decodeDetection, type RelayedDetection } from './detection-message.js';
import { decodeReport, reportSubject, type HearingReport } from './hearing-report.js';
import { ReportGate } from './report-gate.js';
import { StreamTail } from './stream-tail.js';

/** A listener that has told nothing for so long hears nothing: its poles hold nobody back any more. */
const SILENT_SECONDS = 2;
/** Names of listeners are made anew at each start: those long gone are forgotten. */
const GONE_SECONDS = 600;
const TICK_MILLIS = 100;

export interface DetectionReceiverOptions {
  connection: NatsConnection;
  site: string;
  /** The name of this process: what it told itself it knows already. */
  self: string;
  /** How far back in the stream to begin. */
  backSeconds: number;
  /** What lay in the stream at the start comes with `replayed`, before any report. */
  onDetection: (relayed: RelayedDetection, replayed: boolean) => void;
  onReport: (report: HearingReport) => void;
  onCaughtUp: () => void;
  /** A listener is gone or silent. */
  onSilent: (listener: string) => void;
  log: Logger;
}

/** What the other processes hear: their detections from the stream, and their reports once those are in. */
export class DetectionReceiver {
  readonly #options: DetectionReceiverOptions;
  readonly #tail: StreamTail;
  readonly #reports: Subscription;
  readonly #gate: ReportGate;
  readonly #heardSeconds = new Map<string, number>();
  readonly #silent = new Set<string>();
  readonly #timer: NodeJS.Timeout;
  #caughtUp = false;

  constructor(options: DetectionReceiverOptions) {
    this.#options = options;
    const { connection, site, backSeconds, log } = options;
    this.#gate = new ReportGate((report) => options.onReport(report));
    this.#reports = connection.subscribe(reportSubject(site, '*'), {
      callback: (error, message) => {
        if (!error) this.#report(message.string());
      },
    });
    this.#tail = new StreamTail({
      connection,
      stream: 'DETECTIONS',
      subject: `detections.${site}.>`,
      backSeconds,
      onMessage: (text) => this.#detection(text),
      onCaughtUp: () => {
        this.#caughtUp = true;
        options.onCaughtUp();
      },
      log,
    });
    this.#timer = setInterval(() => this.#tick(), TICK_MILLIS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#tail.stop();
    if (!this.#options.connection.isClosed()) this.#reports.unsubscribe();
  }

  #detection(text: string): void {
    const relayed = decodeDetection(text);
    if (!relayed || relayed.listener === this.#options.self) return;
    this.#options.onDetection(relayed, !this.#caughtUp);
    this.#gate.detection(relayed.listener, relayed.sequence, seconds());
  }

  #report(text: string): void {
    const report = decodeReport(text);
    if (!report || report.listener === this.#options.self || !this.#caughtUp) return;
    this.#heardSeconds.set(report.listener, seconds());
    this.#silent.delete(report.listener);
    this.#gate.report(report, seconds());
  }

  #tick(): void {
    const now = seconds();
    this.#gate.tick(now);
    for (const [listener, heard] of this.#heardSeconds) {
      if (now - heard < SILENT_SECONDS) continue;
      if (!this.#silent.has(listener)) this.#options.onSilent(listener);
      this.#silent.add(listener);
      if (now - heard < GONE_SECONDS) continue;
      this.#heardSeconds.delete(listener);
      this.#silent.delete(listener);
      this.#gate.forget(listener);
    }
  }
}

function seconds(): number {
  return performance.now() / 1000;
}
