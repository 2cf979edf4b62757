import { readRtp, readSenderReport } from '../../src/feeds/stream/rtp.js';
import { readRtspMessage } from '../../src/feeds/stream/rtsp-message.js';
import { parseSdp } from '../../src/feeds/stream/sdp.js';
import { authorization } from '../../src/feeds/stream/rtsp-auth.js';
import { damaged } from './arbitraries.js';
import { target, type Target } from './target.js';

const lines = (...text: string[]): Uint8Array => new TextEncoder().encode(`${text.join('\r\n')}\r\n`);
const answers = [
  lines('RTSP/1.0 200 OK', 'CSeq: 2', 'Session: 12;timeout=60', 'Content-Length: 4', '', 'v=0'),
  lines('RTSP/1.0 401 no', 'CSeq: 3', 'WWW-Authenticate: Digest realm="x", nonce="y", qop="auth"', '', ''),
  lines('RTSP/1.0 200 OK', 'constructor: x', '__proto__: y', 'toString: z', '', ''),
];
const sdp = lines(
  'v=0',
  'c=IN IP4 239.1.2.3/32',
  'm=audio 5004 RTP/AVP 97',
  'a=rtpmap:97 L16/48000/2',
  'a=fmtp:97 x=1',
  'a=source-filter: incl IN IP4 * 10.0.0.1',
  'a=ts-refclk:ptp=IEEE1588-2008:00-11-22-33-44-55-66-77:0',
);
/** A sender report and a source description in one packet. */
const rtcp = Uint8Array.from([
  ...[0x80, 200, 0, 6, 0, 0, 0, 1, 0xe8, 1, 2, 3, 4, 5, 6, 7, 0, 0, 0, 9, 0, 0, 0, 1, 0, 0, 0, 1],
  ...[0x81, 202, 0, 2, 0, 0, 0, 1, 1, 1, 65, 0],
]);

/** What cameras and encoders answer: they stand in the street, and anybody may have put himself in their place. */
export function streamTargets(): Target[] {
  return [
    target('RTP and RTCP', 0.04, damaged([rtcp]), (bytes) => {
      const packet = Buffer.from(bytes);
      readRtp(packet);
      readSenderReport(packet);
    }),
    target('RTSP answers', 0.03, damaged(answers), (bytes) => {
      const read = readRtspMessage(Buffer.from(bytes));
      if (!read) return;
      const challenges = read.message.headers.get('www-authenticate') ?? [];
      authorization(challenges, { user: 'a', password: 'b' }, 'OPTIONS', 'rtsp://a/');
      return read.length <= bytes.length;
    }),
    target('SDP', 0.03, damaged([sdp]), (bytes) => {
      try {
        parseSdp(new TextDecoder().decode(bytes));
      } catch (error) {
        if (!/^its SDP /.test((error as Error).message)) throw error;
      }
    }),
  ];
}
