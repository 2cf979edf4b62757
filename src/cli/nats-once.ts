import { Events, type ConnectionOptions, type NatsConnection } from 'nats';
import { ClameurError, shownAddress, type ServiceConfig } from '../config/index.js';
import { addressOptions, dial, natsConnectionOptions } from '../publish/index.js';

const CONNECT_MILLIS = 5_000;

/** For a command that asks and ends: a connection that does not wait for a server. Throws NATS_UNREACHABLE. */
export async function once<T>(
  nats: ServiceConfig['nats'],
  task: (nc: NatsConnection) => Promise<T>,
  name = nats.name,
): Promise<T> {
  const options = await natsConnectionOptions(nats);
  const nc = await reach(nats.servers, { ...options, name, waitOnFirstConnect: false });
  try {
    return await task(nc);
  } finally {
    await nc.close();
  }
}

/** A server that the command line names, without a configuration. Throws NATS_UNREACHABLE. */
export function connectTo(address: string, options: ConnectionOptions): Promise<NatsConnection> {
  const servers = address.split(',').map((one) => one.trim());
  return reach(servers, { ...options, ...addressOptions(servers) });
}

/** The subjects that the server did not let this connection's user send, which it says only after the fact. */
export function refusals(nc: NatsConnection): ReadonlySet<string> {
  const subjects = new Set<string>();
  const follow = async (): Promise<void> => {
    for await (const { type, permissionContext } of nc.status())
      if (type === Events.Error && permissionContext) subjects.add(permissionContext.subject);
  };
  void follow();
  return subjects;
}

async function reach(servers: readonly string[], options: ConnectionOptions): Promise<NatsConnection> {
  return dial({ timeout: CONNECT_MILLIS, ...options }).catch((cause: Error) => {
    const server = servers.map(shownAddress).join(', ');
    throw new ClameurError('NATS_UNREACHABLE', { server, problem: cause.message }, { cause });
  });
}
