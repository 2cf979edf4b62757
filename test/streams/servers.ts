import { spawn, type ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { chownSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { waitFor } from '../support/service.js';

/** A program that a test has started; ends with the test run at the latest. */
export interface Program {
  child: ChildProcess;
  output(): string;
  kill(): Promise<void>;
}

export function startProgram(
  command: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Program {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  let output = '';
  const take = (text: string): void => void (output += text);
  child.stdout.setEncoding('utf8').on('data', take);
  child.stderr.setEncoding('utf8').on('data', take);
  const reap = (): void => void child.kill('SIGKILL');
  process.once('exit', reap);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return {
    child,
    output: () => output,
    async kill() {
      process.removeListener('exit', reap);
      child.kill('SIGKILL');
      await ended;
    },
  };
}

export interface RtspServer extends Program {
  port: number;
  url: string;
  /** UTC in seconds of the last tick that went out; each is a second after the one before. */
  tickSeconds(): number | undefined;
}

const RTSP_SERVER = fileURLToPath(new URL('rtsp-server.py', import.meta.url));

/**
 * GStreamer's RTSP server; `payloader`: how the sound of /live is coded, such as `rtpL16pay name=pay0`; `files`: WAV files
 * by the name of their mount; `auth`: `digest:` or `basic:` and the password of the user `pole`.
 */
export async function startRtspServer(
  payloader: string,
  rateHz: number,
  {
    port = 0,
    files = {},
    reports = 'sent',
    auth = '',
  }: {
    port?: number;
    files?: Readonly<Record<string, string>>;
    reports?: 'captured' | 'sent';
    auth?: string;
  } = {},
): Promise<RtspServer> {
  const mounts = Object.entries(files).map(([name, file]) => `${name}=${file}`);
  const args = [RTSP_SERVER, `${port}`, payloader, `${rateHz}`, reports, ...mounts];
  const program = startProgram('/usr/bin/python3', args, { RTSP_AUTH: auth });
  const bound = (): string | undefined => /port (\d+)/.exec(program.output())?.[1];
  await waitFor('the RTSP server', () => {
    if (program.child.exitCode !== null) throw new Error(`the RTSP server ended:\n${program.output()}`);
    return bound() !== undefined;
  });
  return {
    ...program,
    port: Number(bound()),
    url: `rtsp://127.0.0.1:${bound()}/live`,
    tickSeconds: () => {
      const last = [...program.output().matchAll(/tick ([\d.]+)/g)].at(-1)?.[1];
      return last === undefined ? undefined : Number(last);
    },
  };
}

/** ffmpeg as a sender: a tone at real pace, coded and sent as `output` says. */
export function sendTone(
  output: readonly string[],
  { rateHz = 48_000, channels = 1, hz = 440 } = {},
): Program {
  return startProgram('ffmpeg', [
    ...['-nostdin', '-hide_banner', '-loglevel', 'error', '-re', '-f', 'lavfi'],
    ...['-i', `sine=frequency=${hz}:sample_rate=${rateHz}`, '-ac', `${channels}`, ...output],
  ]);
}

/** An even UDP port whose odd neighbour is free too, as RTP wants. */
export async function freeRtpPort(): Promise<number> {
  for (;;) {
    const port = await freeUdpPort(0);
    if (port % 2 === 0 && (await freeUdpPort(port + 1).catch(() => 0)) !== 0) return port;
  }
}

async function freeUdpPort(port: number): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(port, '127.0.0.1');
  await Promise.race([
    once(socket, 'listening'),
    once(socket, 'error').then(([error]) => Promise.reject(error as Error)),
  ]);
  const bound = socket.address().port;
  socket.close();
  await once(socket, 'close');
  return bound;
}

export async function freeTcpPort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

export interface Icecast {
  url: string;
  sourceUrl: string;
  close(): Promise<void>;
}

const PASSWORD = 'hackney-carriage';

/** Icecast from Debian's package; root is not let run it, so it gives its rights up. */
export async function startIcecast(): Promise<Icecast> {
  const folder = await mkdtemp(join(tmpdir(), 'clameur-icecast-'));
  const port = await freeTcpPort();
  const isRoot = process.getuid?.() === 0;
  const config = `<icecast>
  <limits><clients>20</clients><sources>5</sources><queue-size>524288</queue-size>
    <source-timeout>10</source-timeout><burst-size>65535</burst-size></limits>
  <authentication><source-password>${PASSWORD}</source-password>
    <admin-user>admin</admin-user><admin-password>${PASSWORD}</admin-password></authentication>
  <hostname>127.0.0.1</hostname>
  <listen-socket><port>${port}</port><bind-address>127.0.0.1</bind-address></listen-socket>
  <paths><basedir>/usr/share/icecast2</basedir><logdir>${folder}</logdir>
    <webroot>/usr/share/icecast2/web</webroot><adminroot>/usr/share/icecast2/admin</adminroot></paths>
  <logging><accesslog>access.log</accesslog><errorlog>error.log</errorlog><loglevel>2</loglevel></logging>
  <security><chroot>0</chroot>${isRoot ? '<changeowner><user>nobody</user><group>nogroup</group></changeowner>' : ''}</security>
</icecast>`;
  const file = join(folder, 'icecast.xml');
  await writeFile(file, config);
  if (isRoot) chownSync(folder, 65534, 65534);
  const program = startProgram('icecast2', ['-c', file]);
  const url = `http://127.0.0.1:${port}`;
  await waitFor('Icecast', async () => {
    if (program.child.exitCode !== null) throw new Error(`Icecast ended:\n${program.output()}`);
    return fetch(`${url}/status-json.xsl`).then(
      ({ ok }) => ok,
      () => false,
    );
  });
  return {
    url,
    sourceUrl: `icecast://source:${PASSWORD}@127.0.0.1:${port}`,
    async close() {
      await program.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
