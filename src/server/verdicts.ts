import express, { Router, type Response } from 'express';
import { ClameurError } from '../config/index.js';
import { principalOf } from './auth/index.js';
import type { ServiceState } from './state.js';

/**
 * `POST /api/v1/incidents/:id/verdict` with the JSON of a verdict without its `incidentId`. JSON only: a form of
 * another site could send anything else without asking the browser's leave.
 */
export function verdicts(state: Pick<ServiceState, 'verdict'>): Router {
  const router = Router();
  const json = express.json({ limit: '8kb', type: 'application/json' });
  router.post('/incidents/:id/verdict', (request, response, next) => {
    json(request, response, (problem?: unknown) => {
      if (problem) return next(refused((problem as Error).message));
      if (!request.is('application/json')) return next(refused('the content type must be application/json'));
      const body = request.body as unknown;
      if (typeof body !== 'object' || body === null || Array.isArray(body))
        return next(refused('the body is not a JSON object'));
      state.verdict({ ...body, incidentId: request.params.id, ...operatorOf(response) }).then(
        (recorded) => void response.status(201).json(recorded),
        (error: unknown) => next(error),
      );
    });
  });
  return router;
}

/** Whose token it is, that is who gave the verdict, whatever name stands in it. */
function operatorOf(response: Response): { operator?: string } {
  const name = principalOf(response)?.name;
  return name === undefined ? {} : { operator: name };
}

function refused(problem: string): ClameurError {
  return new ClameurError('VERDICT_INVALID', { problem });
}
