import { JSONCodec, type NatsConnection, type Service as MicroService, type ServiceMsg } from 'nats';
import type { ServiceState } from '../server/index.js';

const json = JSONCodec();

/**
 * The NATS micro service `clameur` ($SRV.PING, INFO, STATS), with an endpoint each for the site, the poles' health and
 * the recent incidents: `clameur.<site>.site`, `.poles`, `.incidents`. No stream may hold these subjects.
 */
export async function startControl(nc: NatsConnection, state: ServiceState): Promise<MicroService> {
  const { version, site } = state;
  const service = await nc.services.add({
    name: 'clameur',
    version,
    description: 'Hears and locates gunshots, explosions and crowd clamour',
    metadata: { site: site.site },
  });
  const group = service.addGroup('clameur').addGroup(site.site);
  const answers: Record<string, () => unknown> = {
    site: () => site,
    poles: () => state.poles(),
    incidents: () => state.recent(),
  };
  for (const [name, answer] of Object.entries(answers)) {
    group.addEndpoint(name, (error, message: ServiceMsg) => {
      if (!error) message.respond(json.encode(answer()));
    });
  }
  return service;
}
