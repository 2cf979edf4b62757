import type { IncidentStep } from '../locate/index.js';
import type { CloudEvent, EventContext } from './cloud-event.js';
import { eventId } from './event.js';
import type { Review } from './event-schema.js';
import { fit } from './event-size.js';

/**
 * The last event of an incident with a verdict in it: `updated`, the next revision, and no other field changed (in an
 * event of nearly 8 kB the features may have to give way to it).
 */
export function reviewedEvent(last: CloudEvent, review: Review): CloudEvent {
  const { recurrence: _of_the_former_content, ...data } = last.data;
  const event: CloudEvent = {
    ...last,
    type: 'clameur.incident.updated.v1',
    data: { ...data, revision: data.revision + 1, review },
  };
  const fitted = fit(event);
  return { ...event, id: eventId(fitted), data: fitted };
}

/**
 * A step of the locator after a verdict: the locator knows nothing of verdicts, so the review, the revision that it
 * took and the closing before it are carried on here.
 */
export function afterReview(
  step: IncidentStep,
  last: CloudEvent | undefined,
): { step: IncidentStep; context: Pick<EventContext, 'review' | 'closed'> } {
  if (!last?.data.review) return { step, context: {} };
  const { revision, review, state } = last.data;
  const next = Math.max(step.incident.revision, revision + 1);
  return {
    step: { ...step, incident: { ...step.incident, revision: next } },
    context: { review, ...(state === 'closed' && { closed: true }) },
  };
}
