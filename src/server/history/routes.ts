import { Router } from 'express';
import type { ServiceState } from '../state.js';
import { sendPieces } from './send-pieces.js';
import { toCsv, toGeoJson } from './export.js';
import { findAll, findPage, readFilter, readPage } from './query.js';
import { statisticsOf } from './statistics.js';

/** Past incidents: searched, counted, exported, and one of them told from its first message to its last. */
export function historyRoutes({ history }: Pick<ServiceState, 'history'>): Router {
  const router = Router();
  router.get('/incidents', (request, response) => {
    const page = findPage(history.index, readPage(request.query));
    response.json({ ...page, complete: history.index.complete });
  });
  router.get('/incidents/:id', (request, response, next) => {
    history.life(request.params.id).then((events) => response.json({ events }), next);
  });
  router.get('/statistics', (request, response) => {
    response.json(statisticsOf([...findAll(history.index, readFilter(request.query))]));
  });
  router.get('/export/incidents.geojson', (request, response, next) => {
    const pieces = toGeoJson(found(request.query));
    response.attachment('incidents.geojson').type('application/geo+json');
    sendPieces(response, pieces).catch(next);
  });
  router.get('/export/incidents.csv', (request, response, next) => {
    const pieces = toCsv(found(request.query));
    response.attachment('incidents.csv').type('text/csv');
    sendPieces(response, pieces).catch(next);
  });
  const found = (query: unknown) =>
    [...findAll(history.index, readFilter(query))].map(({ summary }) => summary);
  return router;
}
