import type { HearingReport } from './hearing-report.js';

/** A detection that has not come after so long is not waited for: late ones are taken all the same. */
const MOST_WAIT_SECONDS = 1;
/** Reports of one listener that wait at most: at twenty a second more than the wait. */
const MOST_WAITING = 64;

interface Waiting {
  report: HearingReport;
  sinceSeconds: number;
}

/**
 * Detections travel through a stream, reports beside it, so a report may come first. It is held until the detections
 * that it covers are here: else site time would pass them. Pure: the clock is handed in.
 */
export class ReportGate {
  readonly #release: (report: HearingReport) => void;
  readonly #arrived = new Map<string, number>();
  readonly #waiting = new Map<string, Waiting[]>();

  constructor(release: (report: HearingReport) => void) {
    this.#release = release;
  }

  /** A listener's detections come in the order in which they were sent. */
  detection(listener: string, sequence: number, nowSeconds: number): void {
    this.#arrived.set(listener, Math.max(this.#arrived.get(listener) ?? 0, sequence));
    this.#open(listener, nowSeconds);
  }

  report(report: HearingReport, nowSeconds: number): void {
    const waiting = this.#waiting.get(report.listener) ?? [];
    waiting.push({ report, sinceSeconds: nowSeconds });
    this.#waiting.set(report.listener, waiting);
    this.#open(report.listener, nowSeconds);
  }

  /** Lets go what has waited long enough; call it a few times a second. */
  tick(nowSeconds: number): void {
    for (const listener of [...this.#waiting.keys()]) this.#open(listener, nowSeconds);
  }

  forget(listener: string): void {
    this.#arrived.delete(listener);
    this.#waiting.delete(listener);
  }

  #open(listener: string, nowSeconds: number): void {
    const waiting = this.#waiting.get(listener);
    if (!waiting) return;
    const arrived = this.#arrived.get(listener) ?? 0;
    while (waiting.length > 0) {
      const [{ report, sinceSeconds }] = waiting;
      const due =
        report.sent <= arrived ||
        nowSeconds - sinceSeconds >= MOST_WAIT_SECONDS ||
        waiting.length > MOST_WAITING;
      if (!due) return;
      waiting.shift();
      // Not waited for again: what a report in vain waited for lies before this process's part of the stream.
      this.#arrived.set(listener, Math.max(this.#arrived.get(listener) ?? 0, report.sent));
      this.#release(report);
    }
    this.#waiting.delete(listener);
  }
}
