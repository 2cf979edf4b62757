import { DiscardPolicy, nanos, RetentionPolicy, StorageType } from 'nats';
import type { JetStreamManager, NatsConnection, StreamConfig } from 'nats';
import { ClameurError } from '../config/index.js';
import { noPublishCounters, type Logger, type PublishCounters } from '../telemetry/index.js';
import { SOUND_SUBJECTS, subjectsOverlap } from './subjects.js';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

export type StreamName = 'EVENTS' | 'DETECTIONS' | 'VERDICTS' | 'FIGURES' | 'AUDIT';
/** Of these EVENTS must be there; without the others the service tells and goes on. */
export const STREAM_NAMES: readonly StreamName[] = ['EVENTS', 'DETECTIONS', 'VERDICTS', 'FIGURES', 'AUDIT'];

type Limits = Pick<
  StreamConfig,
  'name' | 'subjects' | 'storage' | 'max_age' | 'max_bytes' | 'duplicate_window'
> &
  Partial<Pick<StreamConfig, 'deny_delete' | 'deny_purge' | 'num_replicas'>>;

/** The streams of design.md. Times are nanoseconds, as JetStream has them. */
export const STREAMS: Readonly<Record<StreamName, Limits>> = {
  EVENTS: {
    name: 'EVENTS',
    subjects: ['events.>'],
    storage: StorageType.File,
    max_age: nanos(10 * DAY),
    max_bytes: -1,
    duplicate_window: nanos(DAY),
  },
  DETECTIONS: {
    name: 'DETECTIONS',
    subjects: ['detections.>'],
    storage: StorageType.Memory,
    max_age: nanos(10 * MINUTE),
    max_bytes: 256 * 1024 * 1024,
    duplicate_window: nanos(2 * MINUTE),
  },
  VERDICTS: {
    name: 'VERDICTS',
    subjects: ['reviews.>'],
    storage: StorageType.File,
    max_age: nanos(365 * DAY),
    max_bytes: -1,
    duplicate_window: nanos(2 * MINUTE),
  },
  /** Sound heard and alerts told by the hour: numbers, no sound and no place. */
  FIGURES: {
    name: 'FIGURES',
    subjects: ['figures.>'],
    storage: StorageType.File,
    max_age: nanos(365 * DAY),
    max_bytes: -1,
    duplicate_window: nanos(2 * MINUTE),
  },
  /** Nobody can delete or purge: not even the service's own user, short of the whole stream. */
  AUDIT: {
    name: 'AUDIT',
    subjects: ['audit.>'],
    storage: StorageType.File,
    max_age: nanos(365 * DAY),
    max_bytes: -1,
    duplicate_window: nanos(2 * MINUTE),
    deny_delete: true,
    deny_purge: true,
  },
};

export interface StreamReport {
  stream: string;
  made: boolean;
  /** What differs from design.md, with the mend; empty: as it should be. */
  differences: string[];
}

export interface EnsureStreamsOptions {
  log: Logger;
  counters?: PublishCounters;
  names?: readonly StreamName[];
  /** Copies of each stream among the servers of a cluster; 1 by default. */
  replicas?: number;
  /** Days that a stream keeps what it holds; one that is there and keeps it longer is shortened. Absent: nothing is. */
  retentionDays?: Partial<Record<StreamName, number>>;
}

/**
 * Makes the streams that are missing. One that is there with other limits is left as it is (its owner may mean it) and
 * told. Throws SOUND_STORED where any stream of the account would hold sound: nothing may start then.
 */
export async function ensureStreams(
  nc: NatsConnection,
  options: EnsureStreamsOptions,
): Promise<StreamReport[]> {
  const { log, counters = noPublishCounters, names = STREAM_NAMES, replicas = 1 } = options;
  const manager = await jetStream(nc);
  const configs = new Map<string, StreamConfig>();
  for await (const { config } of manager.streams.list()) configs.set(config.name, config);
  refuseStoredSound(configs.values());
  for (const problem of storedVerdicts(configs.values())) {
    counters.streamProblem('VERDICTS');
    log.error(problem);
  }
  const reports: StreamReport[] = [];
  for (const name of names) {
    const days = options.retentionDays?.[name];
    const limits = {
      ...STREAMS[name],
      num_replicas: replicas,
      ...(days !== undefined && { max_age: nanos(days * DAY) }),
    };
    const there =
      days === undefined ? configs.get(name) : await shorten(manager, limits, configs.get(name), log);
    const report = await check(manager, limits, there);
    reports.push(report);
    if (report.made) log.info({ stream: name }, 'stream made');
    for (const difference of report.differences) {
      counters.streamProblem(name);
      log.warn({ stream: name }, difference);
    }
  }
  return reports;
}

/** Without EVENTS there is no service; any other stream that cannot be made is told, and events go out all the same. */
async function check(manager: JetStreamManager, limits: Limits, there?: StreamConfig): Promise<StreamReport> {
  const { name } = limits;
  if (there) return { stream: name, made: false, differences: compare(limits, there) };
  try {
    return { stream: name, made: await make(manager, limits), differences: [] };
  } catch (error) {
    if (name === 'EVENTS') throw error;
    return { stream: name, made: false, differences: [(error as Error).message] };
  }
}

/** Nothing is kept longer than stated, whoever made the stream. Shorter is its owner's choice. */
async function shorten(
  manager: JetStreamManager,
  { name, max_age }: Limits,
  there: StreamConfig | undefined,
  log: Logger,
): Promise<StreamConfig | undefined> {
  if (!there || (there.max_age > 0 && there.max_age <= max_age)) return there;
  try {
    const { config } = await manager.streams.update(name, { ...there, max_age });
    log.info({ stream: name, days: max_age / nanos(DAY) }, 'the stream kept things too long; shortened');
    return config;
  } catch (err) {
    log.error({ err, stream: name }, 'the stream keeps things too long and cannot be shortened');
    return there;
  }
}

async function jetStream(nc: NatsConnection): Promise<JetStreamManager> {
  try {
    return await nc.jetstreamManager();
  } catch (cause) {
    const problem = (cause as Error).message;
    throw new ClameurError('JETSTREAM_OFF', { server: nc.getServer(), problem }, { cause });
  }
}

function refuseStoredSound(configs: Iterable<StreamConfig>): void {
  for (const { name, subjects = [] } of configs) {
    for (const subject of subjects) {
      if (SOUND_SUBJECTS.some((sound) => subjectsOverlap(subject, sound))) {
        throw new ClameurError('SOUND_STORED', { stream: name, subject });
      }
    }
  }
}

/** JetStream's acknowledgement would be the first answer to an operator, before the service has looked at it. */
function storedVerdicts(configs: Iterable<StreamConfig>): string[] {
  return [...configs].flatMap(({ name, subjects = [] }) =>
    subjects
      .filter((subject) => subjectsOverlap(subject, 'verdicts.*'))
      .map(
        (subject) =>
          `stream ${name} stores ${subject} and would answer verdicts in the service's place. Take that subject out of it: nats stream edit ${name}`,
      ),
  );
}

/** false: another process made it meanwhile. */
async function make(manager: JetStreamManager, limits: Limits): Promise<boolean> {
  try {
    await manager.streams.add({ ...limits, retention: RetentionPolicy.Limits, discard: DiscardPolicy.Old });
    return true;
  } catch (cause) {
    const there = await manager.streams.info(limits.name).catch(() => undefined);
    if (there) return false;
    const memory = limits.storage === StorageType.Memory;
    throw new ClameurError(
      'STREAM_FAILED',
      {
        stream: limits.name,
        problem: (cause as Error).message,
        mend: memory
          ? 'Give JetStream at least 256 MB of memory (max_memory_store).'
          : 'Give JetStream a disk with room (max_file_store), this account leave to make streams, and nats.replicas no more than there are servers.',
      },
      { cause },
    );
  }
}

/** Differences that weigh: less kept, less deduplicated, elsewhere. Each is one sentence with its mend. */
function compare(wanted: Limits, there: StreamConfig): string[] {
  const shown = (key: keyof Limits, value: unknown) =>
    key === 'max_age' || key === 'duplicate_window' ? `${Number(value) / 1e9}s` : String(value);
  const flag = {
    storage: 'storage',
    max_age: 'max-age',
    max_bytes: 'max-bytes',
    duplicate_window: 'dupe-window',
    subjects: 'subjects',
    name: 'name',
  };
  const copies = wanted.num_replicas ?? 1;
  const tooFew =
    there.num_replicas < copies
      ? [
          `stream ${wanted.name} has ${there.num_replicas} copies instead of ${copies}; it is left as it is. To mend: nats stream edit ${wanted.name} --replicas=${copies}`,
        ]
      : [];
  const others = (['subjects', 'storage', 'max_age', 'max_bytes', 'duplicate_window'] as const)
    .filter((key) => String(there[key]) !== String(wanted[key]))
    .map((key) => {
      const mend =
        key === 'storage'
          ? `delete it when the service is stopped (nats stream rm ${wanted.name}); it is made anew`
          : `nats stream edit ${wanted.name} --${flag[key]}=${shown(key, wanted[key])}`;
      return `stream ${wanted.name} has ${key} ${shown(key, there[key])} instead of ${shown(key, wanted[key])}; it is left as it is. To mend: ${mend}`;
    });
  return [...others, ...tooFew];
}
