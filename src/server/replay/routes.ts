import { Router } from 'express';
import { ClameurError } from '../../config/index.js';
import { reportHtml } from './report-html.js';
import type { ReplaySession, ReplaySessions } from './sessions.js';

const MAX_NAME_LENGTH = 120;

/** `POST /replays?name=…` with the bytes of a recording, or of a zip or tar of a scene, and `DELETE` of its result. */
export function replayUploads(sessions: ReplaySessions): Router {
  const router = Router();
  router.post('/replays', (request, response, next) => {
    sessions.accept(request, nameOf(request.query['name'])).then(
      (session) => response.status(202).location(`/api/v1/replays/${session.id}`).json(told(session)),
      (error: unknown) => {
        // What is still on its way is taken and thrown away, or the browser would not read the answer.
        request.resume();
        next(error);
      },
    );
  });
  router.delete('/replays/:id', (request, response) => {
    sessions.forget(request.params.id);
    response.status(204).end();
  });
  return router;
}

/** How far a replay is, and what came of it: JSON, or one HTML file that needs nothing else. */
export function replayResults(sessions: ReplaySessions): Router {
  const router = Router();
  router.get(
    '/replays/:id',
    (request, response) => void response.json(told(sessions.get(request.params.id))),
  );
  router.get('/replays/:id/report.json', (request, response) => {
    const session = finished(sessions.get(request.params.id));
    response.attachment(`${fileName(session.name)}.json`).json(session.report);
  });
  router.get('/replays/:id/report.html', (request, response, next) => {
    const session = finished(sessions.get(request.params.id));
    reportHtml([session.report]).then(
      (html) =>
        response
          .attachment(`${fileName(session.name)}.html`)
          .type('html')
          .send(html),
      (error: unknown) => next(error),
    );
  });
  return router;
}

function finished(session: ReplaySession) {
  if (session.state !== 'done') throw new ClameurError('REPLAY_UNKNOWN', { id: session.id });
  return session;
}

/** All but the report, which is large and has an address of its own. */
function told(session: ReplaySession) {
  if (session.state !== 'done') return session;
  const { id, name, state } = session;
  return { id, name, state, report: `/api/v1/replays/${id}/report.json` };
}

/** Only shown, never a path: control characters out, cut short. */
function nameOf(query: unknown): string {
  const name = typeof query === 'string' ? query.replace(/[\p{Cc}\p{Cf}]/gu, '') : '';
  return name.split(/[\\/]/).at(-1)!.slice(0, MAX_NAME_LENGTH) || 'recording';
}

function fileName(name: string): string {
  return `clameur-${name.replace(/\.\w+$/, '').replace(/[^\w-]+/g, '-')}`;
}
