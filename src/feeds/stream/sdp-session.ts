import type { RtpSession } from './rtsp-client.js';
import { parseSdp } from './sdp.js';
import { openUdp, type RtpSink } from './udp-pair.js';

/** Listens where an SDP says that its audio is sent. */
export async function openSdp(text: string, sink: RtpSink): Promise<RtpSession> {
  const media = parseSdp(text);
  const { port, rtcpPort, address, senders } = media;
  const udp = await openUdp(
    { rtpPort: port, rtcpPort, ...(address !== undefined && { address }), senders },
    sink,
  );
  let end: (reason: string) => void = () => {};
  const ended = new Promise<string>((resolve) => (end = resolve));
  return {
    media,
    ended,
    close() {
      udp.close();
      end('closed');
      return Promise.resolve();
    },
  };
}
