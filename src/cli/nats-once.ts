import { connect, type NatsConnection } from 'nats';
import { ClameurError, withoutSecrets, type ServiceConfig } from '../config/index.js';
import { natsConnectionOptions } from '../publish/index.js';

const CONNECT_MILLIS = 5_000;

/** For a command that asks and ends: a connection that does not wait for a server. Throws NATS_UNREACHABLE. */
export async function once<T>(
  nats: ServiceConfig['nats'],
  task: (nc: NatsConnection) => Promise<T>,
): Promise<T> {
  const options = await natsConnectionOptions(nats);
  const settings = { ...options, waitOnFirstConnect: false, timeout: CONNECT_MILLIS };
  const nc = await connect(settings).catch((cause: Error) => {
    const { servers } = withoutSecrets({ nats } as ServiceConfig).nats;
    throw new ClameurError(
      'NATS_UNREACHABLE',
      { server: servers.join(', '), problem: cause.message },
      { cause },
    );
  });
  try {
    return await task(nc);
  } finally {
    await nc.close();
  }
}
