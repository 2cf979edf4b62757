import { parseSite } from '../../src/config/index.js';
import { IncidentIndex, PoleMeter, type ServiceState } from '../../src/server/index.js';

/** The least that a server can show: one site without poles that sound. */
export const STATE: ServiceState = {
  version: '0.1.0',
  site: parseSite({
    type: 'FeatureCollection',
    properties: { site: 'vieux-port' },
    features: [
      {
        type: 'Feature',
        geometry: { type: 'Point', coordinates: [5.37, 43.29, 8] },
        properties: { pole: 'quai-1' },
      },
    ],
  }),
  exercise: false,
  model: () => undefined,
  ready: () => ({ model: { ready: true }, nats: { ready: true }, feeds: { ready: true } }),
  poles: () => [],
  thresholds: () => ({}),
  history: { index: new IncidentIndex(), life: () => Promise.resolve([]) },
  strips: () => new PoleMeter().strips(),
  replay: () => Promise.reject(new Error('not asked for here')),
  recent: () => [],
  verdict: () => Promise.reject(new Error('not asked for here')),
  transparency: () => Promise.reject(new Error('not asked for here')),
  outbox: () => ({ state: 'idle', messages: 0, oldestAgeSeconds: 0 }),
  metrics: () => Promise.resolve({ contentType: 'text/plain', text: '' }),
};
