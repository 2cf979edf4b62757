import { RtspConnection, type RtspResponse } from './rtsp-connection.js';
import { parseSdp, type AudioMedia } from './sdp.js';
import { openFreeUdp, type RtpSink, type UdpPair } from './udp-pair.js';

/** A running session: packets go to the sink until it ends. */
export interface RtpSession {
  media: AudioMedia;
  /** Time of one question and its answer, least of those asked; undefined where nobody can be asked. */
  roundTripSeconds?: number;
  /** Why it ended; never without close() where nothing tells. */
  ended: Promise<string>;
  close(): Promise<void>;
}

const DEFAULT_PORT = 554;
const DEFAULT_TIMEOUT_SECONDS = 60;
/** A timer set further than 24 days ahead would run at once, and without end. */
const LONGEST_TIMEOUT_SECONDS = 3600;
const ROUND_TRIPS = 3;
const TEARDOWN_MILLIS = 500;

/** Asks a camera for its audio. Throws what it answers; `sink` gets RTP from then on. */
export async function openRtsp(
  url: string,
  transport: 'tcp' | 'udp',
  sink: RtpSink,
  redirects = 2,
): Promise<RtpSession> {
  const at = new URL(url);
  const credentials = at.username
    ? { user: decodeURIComponent(at.username), password: decodeURIComponent(at.password) }
    : undefined;
  const uri = `rtsp://${at.host}${at.pathname}${at.search}`;
  const host = at.hostname.replace(/^\[|\]$/g, '');
  const channels = { rtp: 0, rtcp: 1 };
  const rtsp = await RtspConnection.open(
    host,
    Number(at.port || DEFAULT_PORT),
    credentials,
    (channel, packet) => {
      if (channel === channels.rtp) sink.rtp(packet);
      else if (channel === channels.rtcp) sink.rtcp(packet);
    },
  );
  let udp: UdpPair | undefined;
  try {
    const roundTripSeconds = await leastRoundTrip(rtsp, uri);
    const described = await rtsp.request('DESCRIBE', uri, { Accept: 'application/sdp' });
    const moved = described.headers.get('location')?.[0];
    if (described.status >= 300 && described.status < 400 && moved?.startsWith('rtsp://') && redirects > 0) {
      rtsp.close();
      const next = new URL(moved);
      // A password for one host is for no other.
      if (credentials && next.hostname === at.hostname)
        [next.username, next.password] = [at.username, at.password];
      return await openRtsp(next.href, transport, sink, redirects - 1);
    }
    expectOk(described, 'DESCRIBE');
    const media = parseSdp(described.body);
    const base =
      described.headers.get('content-base')?.[0] ?? described.headers.get('content-location')?.[0] ?? uri;
    if (transport === 'udp') udp = await openFreeUdp([rtsp.remoteAddress.replace(/^::ffff:/, '')], sink);
    const wanted = udp
      ? `RTP/AVP;unicast;client_port=${udp.rtpPort}-${udp.rtcpPort}`
      : 'RTP/AVP/TCP;unicast;interleaved=0-1';
    const setUp = await rtsp.request('SETUP', controlUri(base, media.control), { Transport: wanted });
    expectOk(setUp, 'SETUP');
    const agreed = setUp.headers.get('transport')?.[0] ?? '';
    const [id, ...parameters] = (setUp.headers.get('session')?.[0] ?? '').split(';');
    rtsp.session = id.trim() || undefined;
    const [, rtp, rtcp] = /interleaved=(\d+)-(\d+)/.exec(agreed) ?? [];
    if (!udp && rtp !== undefined) [channels.rtp, channels.rtcp] = [Number(rtp), Number(rtcp)];
    const [, toRtp, toRtcp] = /server_port=(\d+)-(\d+)/.exec(agreed) ?? [];
    if (udp && toRtp !== undefined) udp.punch(host, Number(toRtp), Number(toRtcp));
    expectOk(await rtsp.request('PLAY', base, { Range: 'npt=0.000-' }), 'PLAY');
    const timeout = Number(/timeout=(\d+)/.exec(parameters.join(';'))?.[1] ?? DEFAULT_TIMEOUT_SECONDS);
    // An answer of any kind keeps the session alive; OPTIONS is the one that every server knows.
    const alive = setInterval(
      () => void rtsp.request('OPTIONS', base).catch(() => rtsp.close()),
      Math.max(1, Math.min(timeout, LONGEST_TIMEOUT_SECONDS) / 2.5) * 1000,
    );
    alive.unref();
    const open = udp;
    void rtsp.ended.then(() => {
      clearInterval(alive);
      open?.close();
    });
    return {
      media,
      roundTripSeconds,
      ended: rtsp.ended,
      async close() {
        clearInterval(alive);
        const goodBye = rtsp.request('TEARDOWN', base).catch(() => {});
        await Promise.race([goodBye, new Promise((resolve) => setTimeout(resolve, TEARDOWN_MILLIS))]);
        rtsp.close();
        await rtsp.ended;
      },
    };
  } catch (error) {
    rtsp.close();
    udp?.close();
    throw error;
  }
}

async function leastRoundTrip(rtsp: RtspConnection, uri: string): Promise<number> {
  let least = Infinity;
  for (let i = 0; i < ROUND_TRIPS; i++) {
    const asked = performance.now();
    await rtsp.request('OPTIONS', uri);
    least = Math.min(least, (performance.now() - asked) / 1000);
  }
  return least;
}

function expectOk({ status, reason }: RtspResponse, method: string): void {
  if (status !== 200) throw new Error(`${method} is answered ${status} ${reason}`);
}

/** RFC 2326, C.1.1: absolute, or `*` for the whole, or to be put behind the base. */
export function controlUri(base: string, control: string | undefined): string {
  if (control === undefined || control === '*') return base;
  if (/^rtspu?:\/\//i.test(control)) return control;
  return base.endsWith('/') ? base + control : `${base}/${control}`;
}
