import { parseTime, secondsBetween, secondsToNanos, type Nanos } from '../../audio/index.js';
import type { CloudEvent } from '../../publish/index.js';
import type { ReceivedEvent } from './hub.js';
import type { Injection } from './plan.js';

/** An injection with the incidents that tell of it, each with its events in order of receipt. */
export interface Outcome {
  injection: Injection;
  incidents: ReceivedEvent[][];
}

export interface Matched {
  outcomes: Outcome[];
  /** Incidents of which nothing was injected. */
  spurious: ReceivedEvent[][];
}

/** An incident's time may lie before what was injected by this much, or after its last arrival. */
const EARLY_SECONDS = 0.3;
const LATE_SECONDS: Record<Injection['class'], number> = { gunshot: 1.2, explosion: 3.5, crowd_clamour: 12 };

/** Which incidents are which injections: by quarter and time, whatever the class that was told. Pure. */
export function matchEvents(
  injections: readonly Injection[],
  events: readonly ReceivedEvent[],
  startNanos: Nanos,
): Matched {
  const outcomes = injections.map((injection): Outcome => ({ injection, incidents: [] }));
  const spurious: ReceivedEvent[][] = [];
  for (const incident of byIncident(events)) {
    const { event } = incident[0];
    const outcome = outcomes
      .filter(({ injection }) => fits(injection, event, startNanos))
      .sort((a, b) => b.injection.atSeconds - a.injection.atSeconds)[0];
    if (outcome) outcome.incidents.push(incident);
    else spurious.push(incident);
  }
  return { outcomes, spurious };
}

function byIncident(events: readonly ReceivedEvent[]): ReceivedEvent[][] {
  const incidents = new Map<string, ReceivedEvent[]>();
  for (const received of events) {
    const { incidentId } = received.event.data;
    const known = incidents.get(incidentId);
    if (known) known.push(received);
    else incidents.set(incidentId, [received]);
  }
  return [...incidents.values()];
}

function fits(injection: Injection, { data }: CloudEvent, startNanos: Nanos): boolean {
  const quarter = data.poles.some(({ pole }) => injection.arrivals.has(pole));
  const arrivals = data.poles.map(({ arrival }) => secondsBetween(startNanos, parseTime(arrival)));
  const first = Math.min(...arrivals, secondsBetween(startNanos, parseTime(data.onset)));
  const last = Math.max(...injection.arrivals.values());
  return (
    quarter && first >= injection.atSeconds - EARLY_SECONDS && first <= last + LATE_SECONDS[injection.class]
  );
}

/** UTC of a second of the plan. */
export function atNanos(startNanos: Nanos, seconds: number): Nanos {
  return startNanos + secondsToNanos(seconds);
}
