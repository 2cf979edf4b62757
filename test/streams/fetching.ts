import { readdirSync, readFileSync } from 'node:fs';
import type { Pole, Site } from '../../src/config/index.js';
import { StreamFeed, type StreamCounters, type StreamSource } from '../../src/feeds/index.js';
import { createLogger, FloodLog } from '../../src/telemetry/index.js';
import { Listening } from '../feeds/listening.js';
import { Tally } from '../feeds/tally.js';
import { waitFor } from '../support/service.js';

export const pole = (name: string, more: Partial<Pole> = {}): Pole => ({
  pole: name,
  position: [5.37, 43.29],
  altitudeMeters: 0,
  recorded: true,
  positionUncertaintyMeters: 1,
  ...more,
});

export class StreamTally extends Tally implements StreamCounters {
  readonly restarts: Record<string, number> = {};

  streamRestart(name: string, reason: string): void {
    const key = `${name} ${reason}`;
    this.restarts[key] = (this.restarts[key] ?? 0) + 1;
  }
}

export type SourceOf = Partial<StreamSource> & Pick<StreamSource, 'url'>;

/** A feed of streams, one a pole, and all that it told. */
export class Fetching {
  readonly heard = new Listening();
  readonly tally = new StreamTally();
  readonly log: string[] = [];
  readonly feed: StreamFeed;

  constructor(streams: Readonly<Record<string, SourceOf>>) {
    const names = Object.keys(streams);
    const site: Site = { site: 'port', poles: names.map((name) => pole(name)) };
    this.feed = new StreamFeed({
      site,
      sources: names.map((name) => ({ transport: 'tcp', ...streams[name], pole: name })),
      counters: this.tally,
      log: new FloodLog(createLogger({ destination: { write: (line) => void this.log.push(line) } })),
    });
  }

  static async start(streams: Readonly<Record<string, SourceOf>>): Promise<Fetching> {
    const fetching = new Fetching(streams);
    await fetching.feed.start(fetching.heard);
    return fetching;
  }

  secondsOf(name: string): number {
    return this.heard.of(name).reduce((sum, { samples }) => sum + samples.length / 16_000, 0);
  }

  /** Until there is so much sound of the pole, beside what there is. */
  async more(name: string, seconds: number): Promise<void> {
    const before = this.secondsOf(name);
    await waitFor(
      `${seconds} s of sound of ${name}; told: ${this.heard.told.join(', ')}; log: ${this.log.join(' | ')}`,
      () => this.secondsOf(name) >= before + seconds,
      60,
    );
  }

  told(line: RegExp): Promise<void> {
    return waitFor(`${line}`, () => this.heard.told.some((one) => line.test(one)), 60);
  }
}

/** The ids of the ffmpegs that this process has started to fetch streams, and that still run. */
export function ffmpegsOf(parent = process.pid): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const status = readFileSync(`/proc/${pid}/status`, 'utf8');
        const fetches = readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(
          '-nostdin\0-hide_banner\0-loglevel\0warning',
        );
        return new RegExp(`^PPid:\\s+${parent}$`, 'm').test(status) && fetches;
      } catch {
        return false;
      }
    });
}

/** Hertz of the tone in a pole's last sound, from its zero crossings. */
export function toneOf(samples: Float32Array): number {
  let crossings = 0;
  for (let i = 1; i < samples.length; i++) if (samples[i - 1] < 0 && samples[i] >= 0) crossings++;
  return (crossings * 16_000) / samples.length;
}
