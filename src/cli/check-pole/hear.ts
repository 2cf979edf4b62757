import { setTimeout as sleep } from 'node:timers/promises';
import type { NatsConnection } from 'nats';
import { secondsBetween, secondsToNanos } from '../../audio/index.js';
import type { Pole, ServiceConfig, Site } from '../../config/index.js';
import {
  NatsFeed,
  StreamFeed,
  type Feed,
  type FeedListener,
  type StreamCounters,
} from '../../feeds/index.js';
import { LISTEN_RATE_HZ } from '../../listen/index.js';
import { utcNow } from '../stage-clock.js';
import { ClockCheck } from './clock-check.js';
import type { Finding } from './finding.js';
import { SoundCheck } from './sound-check.js';

export interface Heard {
  frames: number;
  levelDb?: number;
  findings: Finding[];
}

interface Listening {
  connection: NatsConnection;
  config: ServiceConfig;
  site: Site;
  pole: Pole;
  seconds: number;
}

/** As the service would hear it: its frames on NATS, or the stream that the configuration fetches. */
function feedOf({ connection, config, site, pole }: Listening, counters: StreamCounters): Feed {
  const only = { ...site, poles: [{ ...pole, recorded: true }] };
  const sources = config.streams.filter((source) => source.pole === pole.pole);
  const warn = (_key: string, _fields: object, message: string) => void process.stderr.write(`${message}\n`);
  return sources.length > 0
    ? new StreamFeed({ site: only, sources, counters, log: { warn } })
    : new NatsFeed({ connection, site: only, poles: [pole.pole], counters });
}

/** Listens for so long, and tells what is wrong with its frames, its clock and its sound. */
export async function listen(options: Listening): Promise<Heard> {
  const { config, site, pole, seconds } = options;
  const sound = new SoundCheck(pole.fullScaleDbSpl);
  const clock = new ClockCheck();
  const drops = new Map<string, number>();
  const breaks = new Map<string, number>();
  const count = (counts: Map<string, number>, what: string) =>
    void counts.set(what, (counts.get(what) ?? 0) + 1);
  let frames = 0;
  const feed = feedOf(options, {
    frame: () => void frames++,
    frameDropped: (_pole, reason) => count(drops, reason),
    feedEvent: (_pole, kind) => count(breaks, kind),
    streamRestart: (_pole, reason) => count(breaks, `restart: ${reason}`),
  });
  const fetched = config.streams.some((source) => source.pole === pole.pole);
  const listener: FeedListener = {
    onBlock: (_pole, { samples, startNanos, clockUncertaintySeconds }) => {
      const end = startNanos + secondsToNanos(samples.length / LISTEN_RATE_HZ);
      clock.frame(performance.now() / 1000, secondsBetween(end, utcNow()), clockUncertaintySeconds);
      sound.push(samples);
    },
    onState: () => undefined,
    onEnd: () => undefined,
  };
  await feed.start(listener);
  await sleep(seconds * 1000);
  await feed.stop();
  const findings = [
    ...frameFindings(fetched ? undefined : `audio.${site.site}.${pole.pole}`, frames, drops, breaks),
    ...clock.findings(),
    ...sound.findings(),
  ];
  return { frames, findings, ...(sound.levelDb !== undefined && { levelDb: sound.levelDb }) };
}

const told = (counts: ReadonlyMap<string, number>) =>
  [...counts].map(([what, count]) => `${what} × ${count}`).join(', ');

function frameFindings(
  /** Where its frames come; undefined: its stream is fetched. */
  subject: string | undefined,
  frames: number,
  drops: ReadonlyMap<string, number>,
  breaks: ReadonlyMap<string, number>,
): Finding[] {
  const found: Finding[] = [];
  if (frames === 0)
    found.push({
      kind: 'no_frames',
      problem: drops.size > 0 ? 'not one of its frames could be used' : 'no frame came from it',
      mend: subject
        ? `See that it is on, that it sends to ${subject} of this NATS server, and that this user may subscribe there`
        : 'See that it is on, and that its url under streams in the configuration plays (ffplay)',
    });
  if (drops.size > 0)
    found.push({
      kind: 'dropped_frames',
      problem: `frames were dropped: ${told(drops)}`,
      mend: 'Mend the sender: the frame format is in the design and in src/audio/frame.ts',
    });
  if (breaks.size > 0)
    found.push({
      kind: 'gaps',
      problem: `its sound is not continuous: ${told(breaks)}`,
      mend: 'Look at the network between it and NATS, and at the sender’s load',
    });
  return found;
}
