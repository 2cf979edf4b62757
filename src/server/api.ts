import { Router } from 'express';
import { MAX_RING_SECONDS } from '../audio/index.js';
import { ClameurError } from '../config/index.js';
import { STREAMS } from '../publish/index.js';
import { historyRoutes } from './history/index.js';
import { liveRoutes } from './live/index.js';
import { openApi } from './openapi/index.js';
import { KEPT_MINUTES, type ReplaySessions } from './replay/index.js';
import { replayResults } from './replay/index.js';
import type { ServiceState } from './state.js';

const LAST_INCIDENTS = 50;

/** The REST interface, `/api/v1/…`: what the console shows, for programs. Described in openapi.ts. */
export function api(state: ServiceState, replays: ReplaySessions): Router {
  const router = Router();
  router.get('/openapi.json', (_request, response) => void response.json(openApi(state.version)));
  router.get('/status', (_request, response) => {
    const last = state.history.index.newestFirst();
    response.json({
      version: state.version,
      site: state.site.site,
      exercise: state.exercise,
      now: new Date().toISOString(),
      ready: state.ready(),
      model: identity(state),
      outbox: state.outbox(),
      poles: state.poles(),
      incidents: [...take(last, LAST_INCIDENTS)].map(({ summary }) => summary),
    });
  });
  router.get('/site', (_request, response) => void response.json(geoJson(state)));
  router.get('/poles', (_request, response) => void response.json({ poles: state.poles() }));
  router.get('/poles/:pole', (request, response) => {
    response.json(knownPole(state, request.params.pole));
  });
  router.get('/poles/:pole/levels', (request, response) => {
    response.json(state.strips(knownPole(state, request.params.pole).pole));
  });
  router.get('/about', (_request, response) => void response.json(about(state)));
  router.use(historyRoutes(state));
  router.use(liveRoutes(state));
  router.use(replayResults(replays));
  return router;
}

function knownPole(state: ServiceState, name: string) {
  const pole = state.poles().find((one) => one.pole === name);
  if (!pole) throw new ClameurError('POLE_UNKNOWN', { site: state.site.site, pole: name });
  return pole;
}

function* take<T>(values: Iterable<T>, most: number): Generator<T> {
  let count = 0;
  for (const value of values) {
    if (count++ >= most) return;
    yield value;
  }
}

function identity(state: ServiceState) {
  const model = state.model();
  return model && { name: model.name, version: model.version, sha256: model.sha256 };
}

/** What is processed and kept, with the numbers that are in force. */
function about(state: ServiceState) {
  const model = state.model();
  const days = (nanos: number) => Number(nanos) / 86_400e9;
  return {
    version: state.version,
    site: state.site.site,
    exercise: state.exercise,
    ...(model && {
      model: {
        ...identity(state)!,
        classes: model.classes,
        thresholds: state.thresholds(),
        card: model.card,
      },
    }),
    keeps: {
      soundSeconds: MAX_RING_SECONDS,
      detectionsMinutes: days(STREAMS.DETECTIONS.max_age) * 1440,
      eventsDays: days(STREAMS.EVENTS.max_age),
      verdictsDays: days(STREAMS.VERDICTS.max_age),
      replayReportsMinutes: KEPT_MINUTES,
    },
    history: { incidents: state.history.index.size, complete: state.history.index.complete },
  };
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
