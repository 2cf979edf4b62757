import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { isRtcp } from './rtp.js';

/** Where RTP and RTCP packets go, however they came. The buffers are theirs. */
export interface RtpSink {
  rtp(packet: Buffer): void;
  rtcp(packet: Buffer): void;
}

export interface UdpPair {
  rtpPort: number;
  rtcpPort: number;
  /** Opens the way back through a firewall, as RTSP clients do: an empty packet to the sender's ports. */
  punch(address: string, rtpPort: number, rtcpPort: number): void;
  close(): void;
}

/** One second of 8 channels of 24 bits at 48 kHz: the system's default loses packets when this process is busy. */
const RECEIVE_BYTES = 1_200_000;
const TRIES = 50;

export interface UdpAddress {
  rtpPort: number;
  rtcpPort: number;
  /** Where packets are sent: a group is joined, an address of this machine is listened on alone. */
  address?: string;
  /** Only these senders' packets are taken; empty: any. */
  senders: readonly string[];
}

/** Listens for RTP and RTCP. Throws where a port is taken. */
export async function openUdp(
  { rtpPort, rtcpPort, address, senders }: UdpAddress,
  sink: RtpSink,
): Promise<UdpPair> {
  const allowed = new Set(senders);
  const open = async (port: number, take: (packet: Buffer) => void): Promise<Socket> => {
    const socket = createSocket({
      type: isIPv6(address ?? '') ? 'udp6' : 'udp4',
      reuseAddr: isMulticast(address),
    });
    socket.on('message', (packet, { address: from }) => {
      if (allowed.size === 0 || allowed.has(from)) take(packet);
    });
    await bind(socket, port, address);
    // One socket that the system will not let have more still works.
    try {
      socket.setRecvBufferSize(RECEIVE_BYTES);
    } catch {}
    if (isMulticast(address)) socket.addMembership(address!);
    return socket;
  };
  const rtp = await open(rtpPort, (packet) => (isRtcp(packet) ? sink.rtcp(packet) : sink.rtp(packet)));
  const rtcp =
    rtcpPort === rtpPort
      ? undefined
      : await open(rtcpPort, (packet) => sink.rtcp(packet)).catch((error: Error) => {
          rtp.close();
          throw error;
        });
  return {
    rtpPort: rtp.address().port,
    rtcpPort: (rtcp ?? rtp).address().port,
    punch(to, toRtp, toRtcp) {
      const empty = Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
      rtp.send(empty, toRtp, to, () => {});
      rtcp?.send(Buffer.from([0x80, 201, 0, 1, 0, 0, 0, 0]), toRtcp, to, () => {});
    },
    close() {
      rtp.close();
      rtcp?.close();
    },
  };
}

/** An even port and the odd one after it, as RTP has it; whichever are free. */
export async function openFreeUdp(senders: readonly string[], sink: RtpSink): Promise<UdpPair> {
  for (let tries = TRIES; ; tries--) {
    const rtpPort = 20_000 + 2 * Math.floor(Math.random() * 20_000);
    try {
      return await openUdp({ rtpPort, rtcpPort: rtpPort + 1, senders }, sink);
    } catch (error) {
      if (tries <= 1) throw error;
    }
  }
}

async function bind(socket: Socket, port: number, address: string | undefined): Promise<void> {
  const ours = address !== undefined && !isMulticast(address);
  try {
    await listening(socket, port, ours ? address : undefined);
  } catch (error) {
    // The SDP may name the sender, or this machine as seen from outside.
    if (!ours || (error as NodeJS.ErrnoException).code !== 'EADDRNOTAVAIL') {
      socket.close();
      throw error;
    }
    await listening(socket, port, undefined);
  }
  socket.on('error', () => {});
}

async function listening(socket: Socket, port: number, address: string | undefined): Promise<void> {
  socket.bind(port, address);
  await once(socket, 'listening');
}

function isMulticast(address = ''): boolean {
  const first = Number(address.split('.')[0]);
  return (first >= 224 && first <= 239) || /^ff/i.test(address);
}
