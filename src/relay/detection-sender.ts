import type { JetStreamClient, NatsConnection } from 'nats';
import type { Logger } from '../telemetry/index.js';
import { detectionSubject, encodeDetection, type RelayedDetection } from './detection-message.js';

const ACK_TIMEOUT_MILLIS = 2_000;
const RETRY_MILLIS = 250;
/** The locator has long gone past it then, and so has the stream's own duplicate window begun to. */
const MOST_AGE_MILLIS = 20_000;
/** Under way at a time: beyond, weak arrivals are let go; beyond twice as many, all. */
const MOST_UNDER_WAY = 2_000;

export interface RelayCounters {
  queueDepth?(queue: string, depth: number): void;
  queueDropped?(queue: string, count?: number): void;
}

export interface DetectionSenderOptions {
  connection: NatsConnection;
  site: string;
  /** The name of this process. */
  listener: string;
  counters?: RelayCounters;
  log: Logger;
}

/** A listener's detections on their way to the stream DETECTIONS: each is sent until it is acknowledged, under one id. */
export class DetectionSender {
  readonly #options: DetectionSenderOptions;
  readonly #jetStream: JetStreamClient;
  #sequence = 0;
  #underWay = 0;
  #failing = false;
  #idle: (() => void)[] = [];

  constructor(options: DetectionSenderOptions) {
    this.#options = options;
    this.#jetStream = options.connection.jetstream();
  }

  /** Sequence of the last detection sent. */
  get sent(): number {
    return this.#sequence;
  }

  send(what: Omit<RelayedDetection, 'listener' | 'sequence'>): void {
    const { counters, listener, site } = this.#options;
    const full = what.detection.state === 'weak' ? MOST_UNDER_WAY : 2 * MOST_UNDER_WAY;
    if (this.#underWay >= full) {
      counters?.queueDropped?.('detections');
      return;
    }
    const sequence = ++this.#sequence;
    const body = encodeDetection({ ...what, listener, sequence });
    this.#count(1);
    void this.#untilAcknowledged(detectionSubject(site, what.detection), body, `${listener}.${sequence}`);
  }

  /** Resolves once nothing is under way, or after so long. */
  async flush(seconds: number): Promise<void> {
    if (this.#underWay === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, seconds * 1000);
      this.#idle.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  async #untilAcknowledged(subject: string, body: string, msgID: string): Promise<void> {
    const { connection, counters, log } = this.#options;
    const since = performance.now();
    for (;;) {
      try {
        await this.#jetStream.publish(subject, body, { msgID, timeout: ACK_TIMEOUT_MILLIS });
        this.#failing = false;
        break;
      } catch (err) {
        if (!this.#failing) log.warn({ err, subject }, 'a detection was not acknowledged; it is sent again');
        this.#failing = true;
        if (connection.isClosed() || performance.now() - since > MOST_AGE_MILLIS) {
          counters?.queueDropped?.('detections');
          break;
        }
        await new Promise((resolve) => setTimeout(resolve, RETRY_MILLIS));
      }
    }
    this.#count(-1);
  }

  #count(by: number): void {
    this.#underWay += by;
    this.#options.counters?.queueDepth?.('detections', this.#underWay);
    if (this.#underWay === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }
}
