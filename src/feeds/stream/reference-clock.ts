import { NANOS_PER_SECOND, type Nanos } from '../../audio/index.js';
import type { AudioMedia } from './sdp.js';

/** A clock that a stream's SDP names, and to which its RTP timestamps are tied (RFC 7273). */
export interface ReferenceClock {
  /** 1σ against UTC where the SDP says that the clock leads back to it; else to be measured. */
  uncertaintySeconds?: number;
  nanosOf(timestamp: number, rateHz: number, nearNanos: Nanos): Nanos;
}

/** PTP counts International Atomic Time; since 2017 it is 37 s ahead of UTC, and no leap second is announced. */
const TAI_MINUS_UTC_SECONDS = 37n;
const GPS_EPOCH_SECONDS = 315_964_800n;
const GPS_MINUS_UTC_SECONDS = 18n;
const NTP_EPOCH_SECONDS = -2_208_988_800n;
const PTP_TRACEABLE_SECONDS = 0.001;
const TURN = 2n ** 32n;

/** undefined: the SDP names no clock whose time could be known here. */
export function referenceTime({
  referenceClock = '',
  mediaClock = '',
}: Pick<AudioMedia, 'referenceClock' | 'mediaClock'>): ReferenceClock | undefined {
  const direct = /^direct=(\d+)/.exec(mediaClock);
  const epoch = epochOf(referenceClock);
  if (!direct || epoch === undefined) return undefined;
  const offset = BigInt(direct[1]);
  const traceable = /^gps$|^ptp=[^:]*:traceable/i.test(referenceClock.trim());
  return {
    ...(traceable && { uncertaintySeconds: PTP_TRACEABLE_SECONDS }),
    nanosOf(timestamp, rateHz, nearNanos) {
      const rate = BigInt(rateHz);
      // Timestamp = (seconds since the clock's epoch × rate + offset) mod 2^32: of all such moments, the nearest one.
      const near = ((nearNanos - epoch * NANOS_PER_SECOND) * rate) / NANOS_PER_SECOND;
      const ticks = BigInt(Math.round(timestamp)) - offset;
      const rest = (((ticks - near) % TURN) + TURN) % TURN;
      const samples = near + (rest >= TURN / 2n ? rest - TURN : rest);
      return epoch * NANOS_PER_SECOND + (samples * NANOS_PER_SECOND) / rate;
    },
  };
}

/** UTC, in seconds since 1970, of the zero of the clock. */
function epochOf(referenceClock: string): bigint | undefined {
  if (/^ptp=IEEE(1588|802\.1AS)/i.test(referenceClock)) return -TAI_MINUS_UTC_SECONDS;
  if (/^gps/i.test(referenceClock)) return GPS_EPOCH_SECONDS - GPS_MINUS_UTC_SECONDS;
  return /^ntp=/i.test(referenceClock) ? NTP_EPOCH_SECONDS : undefined;
}
