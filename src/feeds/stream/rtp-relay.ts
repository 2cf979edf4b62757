import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Nanos } from '../../audio/index.js';
import { CaptureClock, type CaptureTime } from './capture-clock.js';
import { readRtp, readSenderReport, Unwrapper } from './rtp.js';
import type { AudioMedia } from './sdp.js';
import type { RtpSink } from './udp-pair.js';

const POLL_MILLIS = 20;
const DECODER_STARTS_WITHIN_MILLIS = 10_000;

/**
 * Stands between a stream's sender and the decoder: hands the packets on, and keeps what the decoder would lose, the
 * sender's own time of each. The decoder counts from the first packet that it gets, so none is sent before it listens.
 */
export class RtpRelay implements RtpSink {
  readonly #nowNanos: () => Nanos;
  readonly #onFault: (problem: string) => void;
  readonly #socket = createSocket('udp4');
  readonly #timestamps = new Unwrapper();
  /** Reports and packets come before the session's description is read. */
  #early: Array<() => void> | undefined = [];
  #media: AudioMedia | undefined;
  #clock: CaptureClock | undefined;
  #ssrc: number | undefined;
  #decoderPort: number | undefined;
  #firstTimestamp: number | undefined;
  #closed = false;
  #first: () => void = () => {};
  /** The first packet of the stream's sound. */
  readonly firstPacket: Promise<void>;

  constructor(nowNanos: () => Nanos, onFault: (problem: string) => void) {
    this.#nowNanos = nowNanos;
    this.#onFault = onFault;
    this.firstPacket = new Promise((resolve) => (this.#first = resolve));
    this.#socket.on('error', () => {});
  }

  /** What the packets are, as soon as that is known. */
  describe(media: AudioMedia, roundTripSeconds = 0): void {
    this.#media = media;
    this.#clock = new CaptureClock(media);
    this.#clock.roundTripSeconds = roundTripSeconds;
    for (const again of this.#early ?? []) again();
    this.#early = undefined;
  }

  rtp(packet: Buffer): void {
    if (this.#closed) return;
    if (!this.#media || !this.#clock) return void this.#early?.push(() => this.rtp(packet));
    const header = readRtp(packet);
    if (!header) return;
    if (header.payloadType !== this.#media.payloadType) {
      return this.#onFault(
        `its packets are of type ${header.payloadType}, and it is described as ${this.#media.payloadType}`,
      );
    }
    this.#ssrc ??= header.ssrc;
    if (header.ssrc !== this.#ssrc) return this.#onFault('its sender began anew');
    const timestamp = this.#timestamps.next(header.timestamp);
    this.#clock.packet(timestamp, this.#nowNanos());
    this.#first();
    if (this.#decoderPort === undefined) return;
    if (this.#firstTimestamp === undefined) {
      this.#firstTimestamp = timestamp;
      this.#send(withSequence(packet, header.sequence - 1));
    }
    this.#send(packet);
  }

  rtcp(packet: Buffer): void {
    if (this.#closed) return;
    if (!this.#clock) return void this.#early?.push(() => this.rtcp(packet));
    const report = readSenderReport(packet);
    // Before the first packet a timestamp could not be placed; the next report comes soon.
    if (!report || report.ssrc !== this.#ssrc) return;
    this.#clock.report(this.#timestamps.near(report.timestamp), report.nanos, this.#nowNanos());
  }

  #send(packet: Buffer): void {
    this.#socket.send(packet, this.#decoderPort!, '127.0.0.1', () => {});
  }

  /** UTC of a moment on the decoder's time line, from the sender; undefined where it is not to be had. */
  timeOf(mediaSeconds: number): CaptureTime | undefined {
    if (this.#firstTimestamp === undefined || !this.#media || !this.#clock) return undefined;
    return this.#clock.timeOf(this.#firstTimestamp + mediaSeconds * this.#media.clockRateHz);
  }

  /** Another number: times before and after are not continuous. 0: the sender's time is not known. */
  get timeScale(): number {
    return this.#clock && this.#clock.doubt === undefined ? this.#clock.settings : 0;
  }

  get doubt(): string | undefined {
    return this.#clock?.doubt;
  }

  /** A pair of ports of this machine on which a decoder may listen; somebody else may be quicker, rarely. */
  async freePort(): Promise<number> {
    for (;;) {
      const [rtp, rtcp] = [createSocket('udp4'), createSocket('udp4')];
      try {
        rtp.bind(0, '127.0.0.1');
        await once(rtp, 'listening');
        const { port } = rtp.address();
        if (port % 2 !== 0) continue;
        rtcp.bind(port + 1, '127.0.0.1');
        await once(rtcp, 'listening');
        return port;
      } catch {
        // Taken: another pair.
      } finally {
        for (const socket of [rtp, rtcp])
          try {
            socket.close();
          } catch {}
      }
    }
  }

  /** Sends packets on from when the decoder listens there. */
  async forwardTo(port: number): Promise<void> {
    for (let waited = 0; waited < DECODER_STARTS_WITHIN_MILLIS && !this.#closed; waited += POLL_MILLIS) {
      if (await isListening(port)) {
        this.#decoderPort = port;
        return;
      }
      await sleep(POLL_MILLIS);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#early = undefined;
    this.#socket.close();
  }
}

/**
 * ffmpeg believes a sender only from its second packet in sequence on, and counts from the timestamp of that one. A copy
 * of the first goes before it, so that whichever it takes for the first has the same timestamp.
 */
function withSequence(packet: Buffer, sequence: number): Buffer {
  const copy = Buffer.from(packet);
  copy.writeUInt16BE(sequence & 0xffff, 2);
  return copy;
}

/** Whether a UDP socket of this machine is bound to the port; Linux tells. */
async function isListening(port: number): Promise<boolean> {
  const ending = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const tables = await Promise.all(
    ['/proc/net/udp', '/proc/net/udp6'].map((file) => readFile(file, 'latin1').catch(() => '')),
  );
  return tables.some((table) =>
    table.split('\n').some((line) => line.trim().split(/\s+/)[1]?.endsWith(ending)),
  );
}
