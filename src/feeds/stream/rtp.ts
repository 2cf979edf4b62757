import { NANOS_PER_SECOND, type Nanos } from '../../audio/index.js';

/** What of an RTP packet's header is needed (RFC 3550, 5.1). */
export interface RtpHeader {
  payloadType: number;
  sequence: number;
  timestamp: number;
  ssrc: number;
}

/** RTCP's sender report (RFC 3550, 6.4.1): the sender's UTC at one of its RTP timestamps. */
export interface SenderReport {
  ssrc: number;
  nanos: Nanos;
  timestamp: number;
}

const VERSION_2 = 0x80;
const SENDER_REPORT = 200;
const SENDER_REPORT_BYTES = 28;
/** NTP counts seconds from 1900. */
const NTP_EPOCH_SECONDS = 2_208_988_800n;

/** Whether the packet is RTCP where both come to one port (RFC 5761). */
export function isRtcp(packet: Uint8Array): boolean {
  return packet.length >= 8 && packet[1] >= 192 && packet[1] <= 223;
}

/** undefined: it is none. */
export function readRtp(packet: Buffer): RtpHeader | undefined {
  if (packet.length <= 12 || (packet[0] & 0xc0) !== VERSION_2) return undefined;
  return {
    payloadType: packet[1] & 0x7f,
    sequence: packet.readUInt16BE(2),
    timestamp: packet.readUInt32BE(4),
    ssrc: packet.readUInt32BE(8),
  };
}

/** The sender report in a compound RTCP packet; undefined where there is none, or its sender knows no time (NTP 0). */
export function readSenderReport(packet: Buffer): SenderReport | undefined {
  for (let at = 0; at + 4 <= packet.length;) {
    const bytes = (packet.readUInt16BE(at + 2) + 1) * 4;
    if ((packet[at] & 0xc0) !== VERSION_2 || at + bytes > packet.length) return undefined;
    if (packet[at + 1] === SENDER_REPORT && bytes >= SENDER_REPORT_BYTES) {
      const ntp = packet.readBigUInt64BE(at + 8);
      if (ntp === 0n) return undefined;
      return {
        ssrc: packet.readUInt32BE(at + 4),
        nanos: ntpNanos(ntp),
        timestamp: packet.readUInt32BE(at + 16),
      };
    }
    at += bytes;
  }
  return undefined;
}

/** 32.32 fixed point seconds; those of the era that began in 2036 have their top bit clear. */
function ntpNanos(ntp: bigint): Nanos {
  const era = ntp >> 63n === 0n ? 1n << 32n : 0n;
  const seconds = (ntp >> 32n) + era - NTP_EPOCH_SECONDS;
  return seconds * NANOS_PER_SECOND + (((ntp & 0xffffffffn) * NANOS_PER_SECOND) >> 32n);
}

/** Makes 32-bit timestamps into numbers that go on past the wrap; each within half a turn of the one before. */
export class Unwrapper {
  #last: number | undefined;

  next(timestamp: number): number {
    const value = this.near(timestamp);
    this.#last = value;
    return value;
  }

  /** The same, and what is known stays. */
  near(timestamp: number): number {
    return this.#last === undefined ? timestamp : this.#last + ((timestamp - (this.#last % 2 ** 32)) | 0);
  }
}
