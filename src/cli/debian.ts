import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ClameurError } from '../config/index.js';

/** What the demo and the tests need of the system, and how to see that it is there. */
const NEEDS = {
  'nats-server': () => findNatsServer() !== undefined,
  // node-web-audio-api links ALSA, also to decode a file.
  libasound2: () =>
    spawnSync('/sbin/ldconfig', ['-p'], { encoding: 'utf8' }).stdout?.includes('libasound.so.2') ?? false,
  chromium: () => existsSync('/usr/bin/chromium'),
  prometheus: () => spawnSync('promtool', ['--version']).status === 0,
  ffmpeg: () => spawnSync('ffmpeg', ['-version']).status === 0,
  icecast2: () => spawnSync('icecast2', ['-v']).error === undefined,
  'mosquitto-clients': () => spawnSync('mosquitto_pub', ['--help']).error === undefined,
  'python3-gi': () => spawnSync('/usr/bin/python3', ['-c', 'import gi']).status === 0,
  'gir1.2-gst-rtsp-server-1.0': () =>
    spawnSync('/usr/bin/python3', [
      '-c',
      'import gi; gi.require_version("GstRtspServer", "1.0"); from gi.repository import GstRtspServer',
    ]).status === 0,
  'gstreamer1.0-plugins-base': () => hasGstreamer('opusenc'),
  'gstreamer1.0-plugins-good': () => hasGstreamer('rtpL16pay'),
};

/** Asked of GStreamer itself; gst-inspect-1.0 is in yet another package. */
function hasGstreamer(element: string): boolean {
  const ask = `import gi; gi.require_version("Gst", "1.0"); from gi.repository import Gst; Gst.init(None); raise SystemExit(Gst.ElementFactory.find("${element}") is None)`;
  return spawnSync('/usr/bin/python3', ['-c', ask]).status === 0;
}

/** Debian puts nats-server in /usr/sbin, which is not on everybody's path. */
export function findNatsServer(): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/usr/local/bin'];
  return folders.map((folder) => join(folder, 'nats-server')).find((file) => existsSync(file));
}

/** Installs Debian's packages where they are missing and we may; throws PACKAGE_MISSING where we may not. */
export function ensurePackages(names: ReadonlyArray<keyof typeof NEEDS>, log: (line: string) => void): void {
  const missing = names.filter((name) => !NEEDS[name]());
  if (missing.length === 0) return;
  if (process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0) {
    log(`installing Debian's ${missing.join(' and ')} (apt-get install)`);
    aptGet('update', '-qq');
    aptGet('install', '-y', '-qq', '--no-install-recommends', ...missing);
  }
  const still = missing.filter((name) => !NEEDS[name]());
  if (still.length > 0) throw new ClameurError('PACKAGE_MISSING', { names: still.join(' ') });
}

function aptGet(...args: string[]): void {
  // Another apt-get may be at work on this machine: wait for it, as long as a big install takes.
  spawnSync('apt-get', ['-o', 'DPkg::Lock::Timeout=300', ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}
