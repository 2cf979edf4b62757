import type { TestProject } from 'vitest/node';
import { ensurePackages } from '../../src/cli/debian.js';
import installBasics from '../support/global-setup.js';

type Packages = Parameters<typeof ensurePackages>[0];

declare module 'vitest' {
  export interface ProvidedContext {
    /** Why there is no such server here; undefined where there is. */
    missing: Record<'ffmpeg' | 'rtsp' | 'icecast' | 'mqtt', string | undefined>;
  }
}

const SERVERS = {
  ffmpeg: ['ffmpeg'],
  rtsp: [
    'ffmpeg',
    'python3-gi',
    'gir1.2-gst-rtsp-server-1.0',
    'gstreamer1.0-plugins-base',
    'gstreamer1.0-plugins-good',
  ],
  icecast: ['ffmpeg', 'icecast2'],
  mqtt: ['mosquitto-clients'],
} satisfies Record<string, Packages>;

/** Gets the real servers as far as this machine lets it, and says which tests will be skipped, and why. */
export default function setup(project: TestProject): void {
  installBasics();
  const missing = Object.fromEntries(
    Object.entries(SERVERS).map(([name, packages]) => [name, whyMissing(packages)]),
  );
  for (const [name, why] of Object.entries(missing))
    if (why !== undefined) process.stderr.write(`SKIPPED: streams of ${name}: ${why}\n`);
  project.provide('missing', missing as Record<keyof typeof SERVERS, string | undefined>);
}

function whyMissing(packages: Packages): string | undefined {
  try {
    ensurePackages(packages, (line) => process.stderr.write(`${line}\n`));
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
