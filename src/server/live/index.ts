import { Router } from 'express';
import type { ServiceState } from '../state.js';
import { LiveHub } from './hub.js';

/** `GET /live`: see LiveHub. */
export function liveRoutes(state: ServiceState): Router {
  const hub = new LiveHub(state);
  return Router().get('/live', (_request, response) => hub.join(response));
}
