import { createSocket } from 'node:dgram';

/** A sender of RTP that shares no code with the service: L16 with a tick at each whole second of UTC, and reports. */
export interface RtpSender {
  sdp: string;
  stop(): void;
}

const PACKET_SECONDS = 0.01;
const TICK_SECONDS = 0.004;
const NTP_EPOCH_SECONDS = 2_208_988_800;

export function startRtpSender(
  port: number,
  {
    rateHz = 16_000,
    clockErrorSeconds = 0,
    reports = true,
    attributes = [],
    timestampAt = () => undefined,
  }: {
    rateHz?: number;
    /** Its clock is ahead of UTC by so much; the ticks are where it believes that the seconds are. */
    clockErrorSeconds?: number;
    reports?: boolean;
    /** Further lines of its SDP. */
    attributes?: readonly string[];
    /** RTP timestamp of a moment, where a reference clock rules; else by chance. */
    timestampAt?: (utcSeconds: number) => number | undefined;
  } = {},
): RtpSender {
  const socket = createSocket('udp4');
  const block = Math.round(rateHz * PACKET_SECONDS);
  const now = (): number => Date.now() / 1000 + clockErrorSeconds;
  const startSeconds = Math.floor(now() * 100) / 100;
  const firstTimestamp = (timestampAt(startSeconds) ?? Math.floor(Math.random() * 2 ** 32)) >>> 0;
  let sent = 0;
  let reported = -Infinity;
  const sendDue = (): void => {
    // A packet can go once its last sample was captured.
    while (startSeconds + (sent + 1) * PACKET_SECONDS <= now()) {
      const packet = Buffer.alloc(12 + block * 2);
      packet[0] = 0x80;
      packet[1] = 97;
      packet.writeUInt16BE(sent & 0xffff, 2);
      packet.writeUInt32BE((firstTimestamp + sent * block) >>> 0, 4);
      packet.writeUInt32BE(0x1234, 8);
      for (let i = 0; i < block; i++) {
        const seconds = startSeconds + (sent * block + i) / rateHz;
        const intoSecond = seconds - Math.floor(seconds + 1e-6);
        const loud = intoSecond < TICK_SECONDS;
        packet.writeInt16BE(loud ? Math.round(20_000 * Math.cos(i)) : 0, 12 + 2 * i);
      }
      socket.send(packet, port, '127.0.0.1', () => {});
      sent++;
    }
    if (reports && now() - reported > 1) {
      reported = now();
      socket.send(report(reported), port + 1, '127.0.0.1', () => {});
    }
  };
  const report = (utcSeconds: number): Buffer => {
    const packet = Buffer.alloc(28);
    packet.writeUInt32BE(0x80c8_0006, 0);
    packet.writeUInt32BE(0x1234, 4);
    const whole = Math.floor(utcSeconds);
    packet.writeUInt32BE(whole + NTP_EPOCH_SECONDS, 8);
    packet.writeUInt32BE(Math.floor((utcSeconds - whole) * 2 ** 32), 12);
    packet.writeUInt32BE((firstTimestamp + Math.round((utcSeconds - startSeconds) * rateHz)) >>> 0, 16);
    packet.writeUInt32BE(sent, 20);
    packet.writeUInt32BE(sent * block * 2, 24);
    return packet;
  };
  const timer = setInterval(sendDue, 5);
  return {
    sdp: [
      'v=0',
      'o=- 0 0 IN IP4 127.0.0.1',
      's=pole',
      'c=IN IP4 127.0.0.1',
      't=0 0',
      `m=audio ${port} RTP/AVP 97`,
      `a=rtpmap:97 L16/${rateHz}/1`,
      ...attributes,
      '',
    ].join('\n'),
    stop() {
      clearInterval(timer);
      socket.close();
    },
  };
}
