import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { kindOf, type StreamSource } from './source.js';

/** What a stuck ffmpeg gets to say good-bye to its server (RTSP: TEARDOWN), before it is killed. */
const TERM_MILLIS = 2_000;
/** A child that outlives its service, where nothing else can end it, ends by itself on a dead connection. Microseconds. */
const ORPHAN_TIMEOUT_MICROS = 30_000_000;

/** What may be opened: the network and no files, which a playlist or an SDP from outside could name. */
const PROTOCOLS = {
  rtsp: 'rtp,udp,tcp,tls,rtsp,http,https,crypto',
  http: 'http,https,tcp,tls,crypto,httpproxy',
  relayed: 'pipe,rtp,udp',
} as const;

const BEFORE = [
  ...['-nostdin', '-hide_banner', '-loglevel', 'warning', '-nostats', '-threads', '1'],
  ...['-fflags', 'nobuffer', '-flags', 'low_delay', '-probesize', '32768', '-analyzeduration', '500000'],
];
const AUDIO_ONLY = ['-map', '0:a:0', '-vn', '-sn', '-dn', '-flush_packets', '1'];
/** The sound, and beside it the list of its packets with their times: what is missing shows. */
const TIMED = ['-copyts', '-c:a', 'pcm_f32le', '-f', 'tee', '[f=f32le]pipe:1|[f=framecrc]pipe:3'];
/** The sound alone: where ffmpeg makes the times itself, they mean nothing. */
const UNTIMED = ['-c:a', 'pcm_f32be', '-f', 'au', 'pipe:1'];

/** ffmpeg's command line for a stream that it fetches itself: audio only, nothing held back, decoded at its own rate. */
export function directArguments({ url, transport }: Omit<StreamSource, 'pole'>): string[] {
  const http = kindOf(url) === 'http';
  const input = http
    ? ['-protocol_whitelist', PROTOCOLS.http, '-rw_timeout', `${ORPHAN_TIMEOUT_MICROS}`]
    : [
        ...['-protocol_whitelist', PROTOCOLS.rtsp, '-rtsp_transport', transport],
        ...['-allowed_media_types', 'audio', '-timeout', `${ORPHAN_TIMEOUT_MICROS}`],
      ];
  return [...BEFORE, ...input, '-i', url, ...AUDIO_ONLY, ...(http ? UNTIMED : TIMED)];
}

/** For RTP that is handed to it on this machine, described by an SDP on its standard input. */
export function relayedArguments(): string[] {
  const input = [
    '-protocol_whitelist',
    PROTOCOLS.relayed,
    '-localaddr',
    '127.0.0.1',
    '-f',
    'sdp',
    '-i',
    'pipe:0',
  ];
  return [...BEFORE, ...input, ...AUDIO_ONLY, ...TIMED];
}

/** Throws what the system says where ffmpeg does not run. */
export function ffmpegVersion(program = 'ffmpeg'): string {
  const { status, stdout, error } = spawnSync(program, ['-version'], { encoding: 'utf8', timeout: 20_000 });
  if (error) throw error;
  if (status !== 0) throw new Error(`${program} -version ended with ${status}`);
  return stdout.split('\n')[0];
}

/** One running ffmpeg. */
export interface FfmpegChild {
  sound: Readable;
  list: Readable;
  messages: Readable;
  /** Resolves once the process is gone and its pipes are closed. */
  ended: Promise<{ code: number | null; problem?: string }>;
  /** SIGTERM, then SIGKILL; more calls do no more. */
  end(): Promise<void>;
}

const children = new Set<ChildProcess>();
let reaping = false;

/** `stdin`: for an SDP. */
export function startFfmpeg(args: readonly string[], stdin?: string): FfmpegChild {
  reapAtExit();
  const [program, ...rest] = diesWithUs()
    ? ['setpriv', '--pdeathsig', 'KILL', 'ffmpeg', ...args]
    : ['ffmpeg', ...args];
  const child = spawn(program, rest, {
    stdio: [stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe', 'pipe'],
  });
  children.add(child);
  const ended = new Promise<{ code: number | null; problem?: string }>((resolve) => {
    child.once('error', (error) => {
      children.delete(child);
      resolve({ code: null, problem: error.message });
    });
    child.once('close', (code) => {
      children.delete(child);
      resolve({ code });
    });
  });
  if (stdin !== undefined) {
    // One that dies at once breaks this pipe; its end tells why.
    child.stdin!.on('error', () => {});
    child.stdin!.end(stdin);
  }
  let ending: NodeJS.Timeout | undefined;
  return {
    sound: child.stdout!,
    list: child.stdio[3] as Readable,
    messages: child.stderr!,
    ended,
    async end() {
      if (!ending && children.has(child)) {
        child.kill('SIGTERM');
        ending = setTimeout(() => child.kill('SIGKILL'), TERM_MILLIS);
      }
      await ended;
      clearTimeout(ending);
    },
  };
}

/** The kernel kills the child with us, also where we are killed ourselves; util-linux has the program for it. */
let setprivWorks: boolean | undefined;
function diesWithUs(): boolean {
  setprivWorks ??= spawnSync('setpriv', ['--pdeathsig', 'KILL', 'true']).status === 0;
  return setprivWorks;
}

function reapAtExit(): void {
  if (reaping) return;
  reaping = true;
  process.once('exit', () => {
    for (const child of children) child.kill('SIGKILL');
  });
}
