import { execFile } from 'node:child_process';
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fail, ok, warn, compareVersions, type CheckReport } from './doctor-check.js';

const run = promisify(execFile);
const OLDEST_NODE = '20.19.0';
const MEGABYTE = 1024 * 1024;
/** The outbox's bound, 100 000 messages of at most 8 kB, and some air. */
const WANTED_MEGABYTES = 1024;
/** Sound goes 3.4 m in 10 ms; from there on the clocks, not the air, decide how good a place is. */
const CLOCK_WARN_SECONDS = 0.01;

export async function checkNode(version = process.versions.node): Promise<CheckReport> {
  return compareVersions(version, OLDEST_NODE) >= 0
    ? ok('node', `version ${version}`)
    : fail('node', `version ${version}`, `install Node ${OLDEST_NODE} or newer`);
}

/** Only streams (RTSP, RTP, HTTP) need it; where there are some, nothing goes without it. */
export async function checkFfmpeg(
  program = 'ffmpeg',
  streams: readonly unknown[] = [],
): Promise<CheckReport> {
  try {
    const { stdout } = await run(program, ['-version'], { timeout: 20_000 });
    return ok('ffmpeg', stdout.split('\n')[0]);
  } catch (error) {
    return (streams.length > 0 ? fail : warn)(
      'ffmpeg',
      `does not run: ${(error as Error).message.split('\n')[0]}`,
      streams.length > 0
        ? `apt-get install ffmpeg: ${streams.length} poles have streams`
        : 'apt-get install ffmpeg (only stream feeds need it)',
    );
  }
}

/** Recordings are decoded by it; on Linux it loads ALSA's library, which small images lack. */
export async function checkDecoder(): Promise<CheckReport> {
  try {
    await import('node-web-audio-api');
    return ok('decoder', 'node-web-audio-api loads');
  } catch (error) {
    const problem = (error as Error).message.split('\n')[0];
    return fail(
      'decoder',
      `node-web-audio-api does not load: ${problem}`,
      'apt-get install libasound2 (libasound2t64 on newer Debian), then npm ci',
    );
  }
}

/** Writes and removes a file in the data folder, looks how much room its disk has, and leaves no trace. */
export async function checkDisk(folder: string): Promise<CheckReport[]> {
  let made: string | undefined;
  try {
    made = await mkdir(folder, { recursive: true });
    const probe = join(folder, `.doctor-${process.pid}`);
    await writeFile(probe, 'doctor', { flush: true });
    await rm(probe);
  } catch (error) {
    return [
      fail(
        'data',
        `${folder}: ${(error as Error).message}`,
        'make the folder writable for this user, or set data (CLAMEUR_DATA)',
      ),
    ];
  }
  const { bavail, bsize } = await statfs(folder);
  if (made !== undefined) await rm(made, { recursive: true });
  const megabytes = Math.floor((bavail * bsize) / MEGABYTE);
  const found = `${megabytes} MB free on the disk of ${folder}`;
  return [
    ok('data', `${folder} is writable`),
    megabytes >= WANTED_MEGABYTES
      ? ok('disk', found)
      : warn('disk', found, `free ${WANTED_MEGABYTES} MB: the outbox may need them while NATS is away`),
  ];
}

type ClockSource = { program: string; args: string[]; read(text: string): CheckReport | undefined };

/** The first that answers. What keeps the clock matters here only where this machine stamps frames. */
const CLOCK_SOURCES: ClockSource[] = [
  { program: 'chronyc', args: ['-c', 'tracking'], read: readChrony },
  { program: 'ntpq', args: ['-c', 'rv 0 rootdisp,rootdelay,offset,stratum'], read: readNtpq },
  { program: 'timedatectl', args: ['show', '--property=NTPSynchronized'], read: readTimedatectl },
];

export async function checkClock(sources: readonly ClockSource[] = CLOCK_SOURCES): Promise<CheckReport> {
  for (const { program, args, read } of sources) {
    const text = await run(program, args, { timeout: 10_000 }).then(
      ({ stdout }) => stdout,
      () => undefined,
    );
    const report = text === undefined ? undefined : read(text);
    if (report) return report;
  }
  return warn(
    'clock',
    'nothing here tells how good the clock is',
    'apt-get install chrony (in a container: on its host)',
  );
}

/** Fields of `chronyc -c tracking`: 2 stratum, 4 system offset, 10 root delay, 11 root dispersion, 13 leap status. */
export function readChrony(text: string): CheckReport | undefined {
  const fields = text.trim().split(',');
  if (fields.length < 14) return undefined;
  if (fields[13] === 'Not synchronised' || fields[2] === '0') {
    return fail('clock', 'chrony is not synchronised', 'see chronyc sources; let UDP 123 out');
  }
  const [offset, delay, dispersion] = [fields[4], fields[10], fields[11]].map(Number);
  return bounded('chrony', rootDistance(offset, delay, dispersion));
}

/** ntpq gives milliseconds. */
export function readNtpq(text: string): CheckReport | undefined {
  const value = (name: string) => Number(new RegExp(`${name}=(-?[\\d.]+)`).exec(text)?.[1] ?? NaN) / 1000;
  const distance = rootDistance(value('offset'), value('rootdelay'), value('rootdisp'));
  if (Number.isNaN(distance)) return undefined;
  return /stratum=16\b/.test(text)
    ? fail('clock', 'ntpd is not synchronised', 'see ntpq -p; let UDP 123 out')
    : bounded('ntpd', distance);
}

export function readTimedatectl(text: string): CheckReport | undefined {
  if (text.includes('NTPSynchronized=yes')) {
    return warn('clock', 'synchronised, but how well is not told', 'apt-get install chrony, which tells');
  }
  return text.includes('NTPSynchronized=no')
    ? fail('clock', 'the clock is not synchronised', 'apt-get install chrony, or timedatectl set-ntp true')
    : undefined;
}

/** RFC 5905: |offset| + dispersion + half the delay bounds the error of the clock. Seconds. */
function rootDistance(offset: number, delay: number, dispersion: number): number {
  return Math.abs(offset) + dispersion + delay / 2;
}

function bounded(source: string, seconds: number): CheckReport {
  const found = `${source}: within ${(seconds * 1000).toFixed(2)} ms of UTC`;
  return seconds <= CLOCK_WARN_SECONDS
    ? ok('clock', found)
    : warn(
        'clock',
        found,
        'poles whose clocks are worse than 10 ms locate badly: use a nearer NTP server, PTP or GPS',
      );
}
