import type { NatsConnection } from 'nats';
import { ClameurError, shownAddress, type ServiceConfig } from '../config/index.js';
import { dial, ensureStreams, natsConnectionOptions, STREAMS } from '../publish/index.js';
import { silentLogger } from '../telemetry/index.js';
import { compareVersions, fail, ok, warn, type CheckReport } from './doctor-check.js';

const OLDEST_SERVER = '2.9.10';
const CONNECT_MILLIS = 3000;
const MEGABYTE = 1024 * 1024;

/** Reachable, new enough, JetStream with room, and the streams as they should be. Makes nothing. */
export async function checkNats(nats: ServiceConfig['nats']): Promise<CheckReport[]> {
  const servers = nats.servers.map(shownAddress).join(', ');
  let nc: NatsConnection;
  try {
    const options = await natsConnectionOptions(nats);
    nc = await dial({ ...options, waitOnFirstConnect: false, reconnect: false, timeout: CONNECT_MILLIS });
  } catch (error) {
    const mend =
      error instanceof ClameurError
        ? 'mend the file that it names'
        : 'start nats-server -js there, or set nats.servers (CLAMEUR_NATS_SERVERS) and its credentials';
    return [fail('nats', `${servers}: ${(error as Error).message}`, mend)];
  }
  try {
    return [checkVersion(nc), ...(await checkJetStream(nc, nats.replicas))];
  } finally {
    await nc.close();
  }
}

function checkVersion(nc: NatsConnection): CheckReport {
  const version = nc.info?.version ?? 'unknown';
  const found = `${nc.getServer()}, version ${version}`;
  return compareVersions(version, OLDEST_SERVER) >= 0
    ? ok('nats', found)
    : fail('nats', found, `install nats-server ${OLDEST_SERVER} or newer`);
}

async function checkJetStream(nc: NatsConnection, replicas: number): Promise<CheckReport[]> {
  try {
    const manager = await nc.jetstreamManager();
    const { limits, memory, storage } = await manager.getAccountInfo();
    const room = (limit: number, used: number) =>
      limit < 0 ? 'no limit' : `${Math.floor((limit - used) / MEGABYTE)} MB free`;
    const found = `memory: ${room(limits.max_memory, memory)}, files: ${room(limits.max_storage, storage)}`;
    const needed = STREAMS.DETECTIONS.max_bytes;
    const made = new Set<string>();
    for await (const { config } of manager.streams.list()) made.add(config.name);
    const tight = limits.max_memory >= 0 && limits.max_memory < needed && !made.has('DETECTIONS');
    const report = tight
      ? warn(
          'jetstream',
          found,
          `give JetStream ${needed / MEGABYTE} MB of memory or more (max_memory_store)`,
        )
      : ok('jetstream', found);
    return [report, await checkStreams(nc, [...made], replicas)];
  } catch (error) {
    const mend =
      'start the server with -js, give the account JetStream, or this user the rights that clameur permissions writes';
    return [fail('jetstream', (error as Error).message, mend)];
  }
}

/** Looks at the streams that are there; the service makes the others when it starts. */
async function checkStreams(
  nc: NatsConnection,
  made: readonly string[],
  replicas: number,
): Promise<CheckReport> {
  const names = (['EVENTS', 'DETECTIONS', 'VERDICTS'] as const).filter((name) => made.includes(name));
  try {
    const reports = await ensureStreams(nc, { log: silentLogger(), names, replicas });
    const differences = reports.flatMap((report) => report.differences);
    if (differences.length > 0) return warn('streams', differences.join('; '), 'as it says');
    return ok(
      'streams',
      names.length === 0 ? 'not made yet; the service makes them' : `${names.join(', ')} as they should be`,
    );
  } catch (error) {
    return fail('streams', (error as Error).message, 'as it says');
  }
}
