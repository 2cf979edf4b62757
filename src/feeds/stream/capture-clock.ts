import { secondsBetween, secondsToNanos, type Nanos } from '../../audio/index.js';
import { referenceTime, type ReferenceClock } from './reference-clock.js';
import type { AudioMedia } from './sdp.js';

/** What is not doubted less, whoever says so: a report's times are rounded, and a converter has its own delay. */
const LEAST_SECONDS = 0.001;
/** A sender whose clock is further off this machine's has none to speak of. */
const FURTHEST_SECONDS = 0.25;
/** Reports that agree so badly with the ones before mean that the sender's clock was set. */
const STEP_SECONDS = 0.02;
const REPORTS_KEPT = 32;
/** One packet may be late by chance; so many are looked at before a sender is believed. */
const PACKETS_JUDGED = 20;
/**
 * Decoders give sound out later than it went in, by how much is not told in every stream: 6.5 ms of Opus, 1024 samples of
 * AAC, and what nobody measured. G.711 and linear PCM are exact.
 */
const CODEC_SECONDS: Readonly<Record<string, number>> = {
  L8: 0,
  L16: 0,
  L20: 0,
  L24: 0,
  PCMU: 0,
  PCMA: 0,
  OPUS: 0.007,
};
const OTHER_CODEC_SECONDS = 0.05;

export interface CaptureTime {
  startNanos: Nanos;
  /** 1σ. */
  clockUncertaintySeconds: number;
}

/**
 * UTC of RTP timestamps from the sender's own clock: RTCP sender reports, or a reference clock that its SDP names
 * (RFC 7273). A claim is not yet a measurement, so each is held against this machine's clock: how long before its arrival
 * a report says that it was written is the way here and the sender's error together, and the least of several bounds the
 * error, unless a fast clock hides a slow way; `roundTripSeconds`, where it is known, shows that too. Pure.
 */
export class CaptureClock {
  readonly #rateHz: number;
  readonly #codecSeconds: number;
  readonly #reference: ReferenceClock | undefined;
  #offset: { timestamp: number; nanos: Nanos } | undefined;
  #spreadSeconds = 0;
  #ways: number[] = [];
  #lastTimestamp: number | undefined;
  #packetTicks = Infinity;
  /** Least time from a packet's last sample to its arrival; below what reports take, it came before it was heard. */
  #promptest = Infinity;
  #judged = 0;
  #set = 0;
  roundTripSeconds = 0;

  constructor(media: Pick<AudioMedia, 'clockRateHz' | 'codec' | 'referenceClock' | 'mediaClock'>) {
    this.#rateHz = media.clockRateHz;
    this.#codecSeconds = CODEC_SECONDS[media.codec] ?? OTHER_CODEC_SECONDS;
    this.#reference = referenceTime(media);
  }

  /** How often it was set: where this changes, times are not continuous. */
  get settings(): number {
    return this.#set;
  }

  /** A sender report: its unwrapped timestamp, its time, and when it came. */
  report(timestamp: number, nanos: Nanos, arrivalNanos: Nanos): void {
    if (this.#reference) return;
    this.#way(secondsBetween(nanos, arrivalNanos));
    const expected = this.#offset && this.#at(timestamp, this.#offset);
    const off = expected === undefined ? Infinity : secondsBetween(expected, nanos);
    if (expected === undefined || Math.abs(off) > STEP_SECONDS) {
      this.#offset = { timestamp, nanos };
      this.#spreadSeconds = 0;
      this.#ways = this.#ways.slice(-1);
      this.#promptest = Infinity;
      this.#judged = 0;
      this.#set++;
      return;
    }
    // Half the way to each new report: their jitter is evened out, a drifting clock is followed.
    this.#offset = { timestamp, nanos: expected + secondsToNanos(off / 2) };
    this.#spreadSeconds += (Math.abs(off) - this.#spreadSeconds) / 4;
  }

  /** An RTP packet whose first sample has this unwrapped timestamp came. */
  packet(timestamp: number, arrivalNanos: Nanos): void {
    const step = this.#lastTimestamp === undefined ? 0 : timestamp - this.#lastTimestamp;
    this.#lastTimestamp = timestamp;
    if (step > 0) this.#packetTicks = Math.min(this.#packetTicks, step);
    if (!this.#reference) {
      if (!this.#offset || step <= 0) return;
      const heard = this.#at(timestamp + this.#packetTicks, this.#offset);
      this.#judged++;
      this.#promptest = Math.min(this.#promptest, secondsBetween(heard, arrivalNanos));
      return;
    }
    const nanos = this.#reference.nanosOf(timestamp, this.#rateHz, arrivalNanos);
    this.#way(secondsBetween(nanos, arrivalNanos));
    if (!this.#offset) this.#set++;
    this.#offset = { timestamp, nanos };
  }

  /** undefined: not known, or not to be believed. */
  timeOf(timestamp: number): CaptureTime | undefined {
    const uncertainty = this.#uncertainty();
    if (!this.#offset || uncertainty === undefined) return undefined;
    return {
      startNanos: this.#at(timestamp, this.#offset),
      clockUncertaintySeconds: uncertainty,
    };
  }

  /** Why the sender's times are not used; undefined where they are. */
  get doubt(): string | undefined {
    if (!this.#offset || this.#ways.length === 0) return 'it has told no time yet';
    if (this.#uncertainty() !== undefined) return undefined;
    if (this.#tellsSending) return 'its reports tell when it sends, not when it hears';
    return `its clock and this machine's differ by ${this.#leastWay().toFixed(3)} s`;
  }

  #uncertainty(): number | undefined {
    const way = this.#leastWay();
    const bound = Math.max(Math.abs(way), this.roundTripSeconds - way);
    if (
      !(bound <= FURTHEST_SECONDS) ||
      (!this.#reference && this.#judged < PACKETS_JUDGED) ||
      this.#tellsSending
    )
      return undefined;
    const clock = this.#reference?.uncertaintySeconds ?? bound;
    return Math.hypot(Math.max(clock, LEAST_SECONDS), this.#spreadSeconds, this.#codecSeconds);
  }

  /**
   * GStreamer's servers, for one, report by default when a packet left, by the sound's first sample: the delay inside the
   * sender is in no report. It shows, for such packets come before their last sample was captured.
   */
  get #tellsSending(): boolean {
    const packetSeconds = this.#packetTicks / this.#rateHz;
    return !this.#reference && this.#promptest < this.#leastWay() - packetSeconds / 2;
  }

  #leastWay(): number {
    return Math.min(...this.#ways);
  }

  #way(seconds: number): void {
    this.#ways.push(seconds);
    if (this.#ways.length > REPORTS_KEPT) this.#ways.shift();
  }

  #at(timestamp: number, from: { timestamp: number; nanos: Nanos }): Nanos {
    return from.nanos + secondsToNanos((timestamp - from.timestamp) / this.#rateHz);
  }
}
