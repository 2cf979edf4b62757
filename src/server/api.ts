import { Router } from 'express';
import type { CloudEvent } from '../publish/index.js';
import type { ServiceState } from './state.js';

const LAST_INCIDENTS = 50;

/** The REST interface, `/api/v1/…`: what the page shows, for programs. */
export function api(state: ServiceState): Router {
  const router = Router();
  router.get('/status', (_request, response) => {
    response.json({
      version: state.version,
      site: state.site.site,
      exercise: state.exercise,
      now: new Date().toISOString(),
      ready: state.ready(),
      model: state.model(),
      outbox: state.outbox(),
      poles: state.poles(),
      incidents: latest(state.recent()),
    });
  });
  router.get('/poles', (_request, response) => void response.json({ poles: state.poles() }));
  router.get('/incidents', (_request, response) => {
    response.json({ incidents: latest(state.recent()) });
  });
  router.get('/site', (_request, response) => void response.json(geoJson(state)));
  return router;
}

/** The latest incidents, newest onset first. */
function latest(lastEvents: readonly CloudEvent[]): CloudEvent[] {
  return [...lastEvents].sort((a, b) => (a.data.onset < b.data.onset ? 1 : -1)).slice(0, LAST_INCIDENTS);
}

function geoJson({ site }: ServiceState) {
  return {
    type: 'FeatureCollection',
    properties: { site: site.site },
    features: site.poles.map(({ pole, position, altitudeMeters, recorded, positionUncertaintyMeters }) => ({
      type: 'Feature',
      geometry: { type: 'Point', coordinates: [...position, altitudeMeters] },
      properties: { pole, recorded, positionUncertaintyMeters },
    })),
  };
}
