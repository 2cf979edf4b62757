import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClameurError, shownAddress } from '../config/index.js';
import { Publisher, type CloudEvent } from '../publish/index.js';
import { createLogger } from '../telemetry/index.js';
import { connectTo } from './nats-once.js';

const FLUSH_SECONDS = 30;

/** Sends a replay's events to a hub's NATS server. Throws NATS_UNREACHABLE or EVENTS_NOT_SENT. */
export async function publishReplay(url: string, site: string, events: readonly CloudEvent[]): Promise<void> {
  const nc = await connectTo(url, { name: 'clameur replay', maxReconnectAttempts: 3 });
  const dataFolder = await mkdtemp(join(tmpdir(), 'clameur-replay-'));
  try {
    const publisher = await Publisher.open({ dataFolder, log: createLogger({ level: 'warn' }) });
    await publisher.attach(nc);
    for (const event of events) await publisher.publishEvent(event, site);
    const left = await publisher.flush(FLUSH_SECONDS);
    await publisher.close();
    if (left > 0) throw new ClameurError('EVENTS_NOT_SENT', { left, server: shownAddress(url) });
  } finally {
    await nc.close();
    await rm(dataFolder, { recursive: true, force: true });
  }
}
